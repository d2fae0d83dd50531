import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MillHouse } from "./mill-house.ts";
import { descendants, isAlive } from "./processes.ts";
import { until } from "./until.ts";

/** Ctrl-C and SIGTERM in mid-part. */
let house: MillHouse;
// Conditions are waited for, however busy the machine is; on a quiet one these take seconds.

beforeAll(async () => {
  house = await MillHouse.open({ parts: [72], each: 12, samplesPerShard: 3, seconds: 4 });
});
afterAll(() => house.close());

/** A worker is gone within 10 s; the rest is what a busy machine adds. */
const resumableWithinMs = 12_000;

describe("a build that is asked to stop", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s ends resumable, says how to carry on, and exits with %i", async (signal, code) => {
    const out = house.newOut();
    const build = house.start(out);
    await until("a shard committed", () => house.isInTheMiddle(out));
    const family = descendants(build.child.pid!);
    const askedAt = performance.now();
    build.child.kill(signal);
    const ended = await build.ended;
    expect(performance.now() - askedAt).toBeLessThan(resumableWithinMs);
    expect(ended.code, ended.stderr).toBe(code);
    expect(ended.stderr).toMatch(/nothing is lost.*shardmill build openvid-1m --parts 72 --out /);
    expect(family.filter(({ pid }) => isAlive(pid))).toEqual([]);
    // Handed back in good order: not even a temporary file.
    expect((await house.verify(out)).problems).toEqual([]);
    await house.finish(out);
    await house.expectAsIfNothingHappened(out);
  });

  it("twice ends at once, and is as safe", async () => {
    const out = house.newOut();
    const build = house.start(out);
    await until("a shard committed", () => house.isInTheMiddle(out));
    const family = descendants(build.child.pid!);
    const askedAt = performance.now();
    build.child.kill("SIGINT");
    await until("it has heard the first", () => build.stderr().includes("stopping"));
    build.child.kill("SIGINT");
    const ended = await build.ended;
    expect(performance.now() - askedAt).toBeLessThan(5_000);
    expect(ended.code, ended.stderr).toBe(130);
    await until("no orphan", () => family.every(({ pid }) => !isAlive(pid)), 15_000);
    await house.finish(out);
    await house.expectAsIfNothingHappened(out);
  });

  it("while it is still listing the source ends too, and leaves nothing to wait for", async () => {
    const out = house.newOut();
    const build = house.start(out);
    await until("listing", () => build.stderr().includes("listing"));
    build.child.kill("SIGINT");
    expect((await build.ended).code).toBe(130);
    await house.finish(out);
    await house.expectAsIfNothingHappened(out);
  });
});
