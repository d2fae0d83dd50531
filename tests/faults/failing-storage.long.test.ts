import { cp } from "node:fs/promises";
import { type Clock, systemClock } from "@shardmill/core";
import { millShard, sealPart } from "@shardmill/pipeline";
import { type FileOperation, faultyFileSystem, systemError } from "@shardmill/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MillHouse } from "./mill-house.ts";
import { openMill } from "./open-mill.ts";

/** Faults below the store and a clock that jumps, planted through the ports: the same shard job again and again. */
let house: MillHouse;
let finished: string;
const part = { subset: null, part: 72 };
const shard = "openvid-1m-p0072-0001";
const task = { kind: "range", range: 1 } as const;
const signal = new AbortController().signal;

beforeAll(async () => {
  house = await MillHouse.open({ parts: [72], each: 4, samplesPerShard: 2, seconds: 1 });
  finished = house.newOut();
  await house.finish(finished);
});
afterAll(() => house.close());

/** A finished output that lacks one shard. */
async function lackingOne(): Promise<string> {
  const out = house.newOut();
  await cp(finished, out, { recursive: true, preserveTimestamps: true });
  const mill = await openMill(out, house.quick.endpoint);
  await mill.context.records.removeShard(shard);
  await mill.close();
  return out;
}

/** What the system says, and what it is called here. */
const errors = [
  ["EIO", "output_io"],
  ["ENOSPC", "output_full"],
  ["EROFS", "output_unwritable"],
] as const;

describe("a storage that fails", () => {
  it("at any of its steps, in any way, ends the attempt with its code and leaves nothing half", async () => {
    const out = await lackingOne();
    const steps: string[] = [];
    const counted = await openMill(out, house.quick.endpoint, {
      fs: faultyFileSystem((operation) => void steps.push(operation)),
    });
    await millShard(counted.context, { part, task }, counted.tools, signal);
    await counted.context.records.removeShard(shard);
    await counted.close();
    expect(steps.length).toBeGreaterThan(10);

    let calls = 0;
    let failAt = 0;
    const mill = await openMill(out, house.quick.endpoint, {
      fs: faultyFileSystem((operation: FileOperation) => {
        calls += 1;
        // Taking a temporary file away must be possible, or nobody could leave nothing behind.
        if (calls === failAt && operation !== "unlink" && operation !== "removeTree")
          throw systemError(errors[failAt % errors.length]?.[0] ?? "EIO");
      }),
    });
    let failures = 0;
    let made = false;
    while (!made) {
      failAt += 1;
      calls = 0;
      try {
        await millShard(mill.context, { part, task }, mill.tools, signal);
        made = calls < failAt;
        if (!made) await mill.context.records.removeShard(shard);
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: errors[failAt % errors.length]?.[1] });
        failures += 1;
      }
    }
    await mill.close();
    expect(failures).toBeGreaterThan(8);
    await house.finish(out);
    await house.expectAsIfNothingHappened(out);
  });
});

describe("a clock that jumps back an hour in the middle", () => {
  it("changes no byte and no sum", async () => {
    const out = await lackingOne();
    let calls = 0;
    const clock: Clock = {
      now: () => systemClock.now() - (calls++ % 2 === 0 ? 0 : 3_600_000),
      sleep: (ms, stop) => systemClock.sleep(ms, stop),
    };
    const mill = await openMill(out, house.quick.endpoint, { clock });
    const [end] = await millShard(mill.context, { part, task }, mill.tools, signal);
    expect(end?.kind).toBe("committed");
    expect(await sealPart(mill.context, part, null, signal)).toMatchObject({ ending: { state: "done" } });
    await mill.close();
    await house.expectAsIfNothingHappened(out);
  });
});
