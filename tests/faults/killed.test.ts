import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MillHouse } from "./mill-house.ts";
import { descendants, isAlive, killHard, processesOf } from "./processes.ts";
import { shortWaits } from "./short-waits.ts";
import { until } from "./until.ts";

/** kill -9, each really done to a build in mid-part through the real command line. */
let house: MillHouse;

beforeAll(async () => {
  house = await MillHouse.open({ parts: [72, 73], each: 10, samplesPerShard: 3, seconds: 4 });
});
afterAll(() => house.close());

describe("kill -9", () => {
  it("of the worker in mid-part: another takes over, and the build ends as if nothing had happened", async () => {
    const out = house.newOut();
    const build = house.start(out, shortWaits);
    await until("a shard committed", () => house.isInTheMiddle(out));
    const worker = processesOf(build.child.pid!, "worker")[0]!;
    expect(killHard(worker.pid)).toBe(true);
    const ended = await build.ended;
    expect(ended.code, ended.stderr).toBe(1);
    expect(ended.stderr).toMatch(/the worker was lost \(SIGKILL\); another one takes over/);
    // What the dead worker left is swept at the start of the next build.
    await house.finish(out);
    await house.expectAsIfNothingHappened(out);
  });

  it("of the build itself: its worker and its Redis end too, and the next build carries on at once", async () => {
    const out = house.newOut();
    const build = house.start(out, shortWaits);
    await until("a shard committed", () => house.isInTheMiddle(out));
    const family = descendants(build.child.pid!);
    expect(family.length).toBeGreaterThan(1);
    killHard(build.child.pid!);
    await build.ended;
    // The dead holder's lock is taken at once, while its worker may still be on its way out.
    await house.finish(out, shortWaits);
    await until("no orphan", () => family.every(({ pid }) => !isAlive(pid)), 30_000);
    await house.finish(out);
    await house.expectAsIfNothingHappened(out);
  });

  it("of the private Redis: it is started again, empty, and what has vanished is enqueued again", async () => {
    const out = house.newOut();
    const build = house.start(out, shortWaits);
    await until("a shard committed", () => house.isInTheMiddle(out));
    const redis = processesOf(build.child.pid!, "redis")[0]!;
    expect(killHard(redis.pid)).toBe(true);
    const ended = await build.ended;
    expect(ended.code, ended.stderr).toBe(1);
    await house.expectAsIfNothingHappened(out);
  });
});
