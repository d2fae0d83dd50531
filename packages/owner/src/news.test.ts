import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BuildRecord, recordVersion } from "@shardmill/core";
import type { BuildStatus } from "@shardmill/pipeline";
import type { BuildJobs, JobEvent } from "@shardmill/queue";
import { openRecords, openStore, type Records } from "@shardmill/store";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { pauseOf, writeHold } from "./hold-records.ts";
import { type News, NewsTeller } from "./news.ts";
import { writePause } from "./pause-record.ts";

let out: string;
let records: Records;
let told: News[];
let teller: NewsTeller;

const part = (number: number) => ({ subset: null, part: number });
const build = { build: "b", dataset: { name: "toy" }, parts: [part(1), part(2)] } as unknown as BuildRecord;

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), "news-"));
  records = openRecords(await openStore(out), "toy");
  told = [];
});
afterEach(async () => {
  await teller.close();
  await rm(out, { recursive: true, force: true });
});

function open(standstillMs?: number): NewsTeller {
  teller = new NewsTeller({ records, build, tell: (news) => told.push(news), standstillMs });
  return teller;
}

async function end(
  number: number,
  state: "done" | "failed",
  endedAt = new Date().toISOString(),
): Promise<void> {
  await records.writePartEnd({
    ...{ version: recordVersion, ...part(number), state, endedAt, build: "b/1" },
    ...(state === "failed" ? { code: "archive_malformed", detail: "no zip" } : { code: null, detail: null }),
  });
}

const event = (kind: JobEvent["kind"], more: Partial<JobEvent> = {}): JobEvent => ({
  ...{ at: new Date().toISOString(), kind, build: "b", dataset: "toy", step: "finish", label: "p0001" },
  ...{ range: null, worker: "w", attempt: 1, detail: null },
  ...more,
});

const status = {
  parts: [
    { label: "p0001", state: "failed" },
    { label: "p0002", state: "failed" },
  ],
  totals: { packed: 3, failed: 2, skipped: 1 },
} as unknown as BuildStatus;

it("tells each failed part once, also one of which no event came, and the end with its figures", async () => {
  await end(1, "done");
  open();
  teller.hear(event("completed"));
  await end(1, "failed");
  teller.hear(event("completed"));
  teller.hear(event("failed", { step: "plan" }));
  await end(2, "failed");
  await teller.ended("ended", status);
  expect(told.map(({ kind }) => kind)).toEqual(["part_failed", "part_failed", "build_ended"]);
  expect(told[0]).toMatchObject({ dataset: "toy", build: "b", part: "p0001", code: "archive_malformed" });
  expect(told[1]).toMatchObject({ part: "p0002", detail: "no zip" });
  expect(told[2]).toMatchObject({
    outcome: "ended",
    parts: { failed: 2 },
    members: { packed: 3, failed: 2, skipped: 1 },
  });
});

it("does not tell what failed before this owner began", async () => {
  await end(1, "failed", "2020-01-01T00:00:00.000Z");
  await open().ended("cancelled", status);
  expect(told).toMatchObject([{ kind: "build_ended", outcome: "cancelled" }]);
});

it("tells a standstill once, again after something has come of the work, and none while it is paused", async () => {
  await writePause(records);
  open(40);
  const read = vi.spyOn(records.store, "read");
  await expect
    .poll(() => read.mock.calls.filter(([path]) => path === records.paths.pause).length)
    .toBeGreaterThan(2);
  expect(told).toEqual([]);
  await records.store.remove(records.paths.pause);
  await expect.poll(() => told.length).toBe(1);
  teller.hear(event("started"));
  teller.hear(event("progress"));
  await expect.poll(() => told.length).toBe(2);
  expect(told).toMatchObject([{ kind: "standstill" }, { kind: "standstill" }]);
});

it("tells none while all that is left are parts that are paused, and one when another is left too", async () => {
  await writeHold(records, "p0001", pauseOf());
  open(40);
  const job = (label: string) => ({ label, what: "shard", run: 1 });
  const jobs = { waiting: [], active: [], delayed: [], parked: [], completed: [], failed: [] };
  teller.see({ ...jobs, waiting: [job("p0001")] } as unknown as BuildJobs);
  const list = vi.spyOn(records.store, "list");
  await expect
    .poll(() => list.mock.calls.filter(([path]) => path === records.paths.holds).length)
    .toBeGreaterThan(2);
  expect(told).toEqual([]);
  teller.see({ ...jobs, waiting: [job("p0001")], parked: [job("p0002")] } as unknown as BuildJobs);
  await expect.poll(() => told).toMatchObject([{ kind: "standstill" }]);
});
