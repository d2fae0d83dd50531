import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JobEvent } from "@shardmill/queue";
import { openRecords, openStore, type Records } from "@shardmill/store";
import { afterEach, beforeEach, expect, it } from "vitest";
import { PartLogs, readPartLog } from "./part-logs.ts";

let out: string;
let records: Records;

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), "part-logs-"));
  records = openRecords(await openStore(out), "toy");
});
afterEach(() => rm(out, { recursive: true, force: true }));

const event = (label: string | null, more: Partial<JobEvent> = {}): JobEvent => ({
  ...{ at: "2026-01-01T00:00:00.000Z", kind: "started", build: "b", dataset: "toy", step: "mill" },
  ...{ label, range: "0000", worker: "w", attempt: 1, detail: null },
  ...more,
});

async function keep(...events: readonly JobEvent[]): Promise<void> {
  const logs = new PartLogs(records);
  for (const one of events) logs.hear(one);
  await logs.close();
}

it("keeps the lines of each part, over restarts, and no progress", async () => {
  const failed = event("p0001", { kind: "failed", detail: { code: "output_io", message: "EIO" } });
  await keep(event("p0001"), event("p0002"), event("p0001", { kind: "progress" }), event(null));
  await keep(failed);
  const texts = (await readPartLog(records, "p0001")).map(({ text }) => text);
  expect(texts).toEqual(["began", "failed: EIO (output_io)"]);
  expect(await readPartLog(records, "p0002")).toHaveLength(1);
  expect(await readPartLog(records, "p0003")).toEqual([]);
});

it("a part's file has a bound, the newest lines stay, and other parts' lines take none away", async () => {
  await keep(event("p0002"));
  const noisy = (n: number): JobEvent =>
    event("p0001", { kind: "retrying", attempt: n, detail: { message: "no answer ".repeat(40) } });
  for (let round = 0; round < 4; round += 1)
    await keep(...Array.from({ length: 200 }, (_, n) => noisy(round * 200 + n)));
  const { size } = await stat(join(out, records.paths.partLog("p0001")));
  expect(size).toBeLessThanOrEqual(64 * 1024);
  const lines = await readPartLog(records, "p0001");
  expect(lines.at(-1)?.attempt).toBe(799);
  expect(lines.map(({ attempt }) => attempt)).toEqual(lines.map((_, n) => 800 - lines.length + n));
  expect(await readPartLog(records, "p0002")).toHaveLength(1);
});

it("what is no line, and what is no name of a part, is passed over", async () => {
  await records.store.put(records.paths.partLog("p0001"), 'half of a li\n{"at":1}\n');
  await keep(event("p0001"), event("../build"), event("a/b"));
  expect(await readPartLog(records, "p0001")).toHaveLength(1);
  expect(await readPartLog(records, "../build")).toEqual([]);
  await expect(readFile(join(out, "toy/.shardmill/build.jsonl"))).rejects.toThrow("ENOENT");
});
