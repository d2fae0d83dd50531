import { describe, expect, it } from "vitest";
import { type Clock, localRateGate, systemClock } from "./ports.ts";

const signal = new AbortController().signal;

/** A clock that is moved on by whoever sleeps. */
function movedClock(): Clock & { at: number; readonly slept: number[] } {
  const clock = {
    at: 1_000,
    slept: [] as number[],
    now: () => clock.at,
    sleep: async (ms: number) => {
      clock.slept.push(ms);
      clock.at += ms;
    },
  };
  return clock;
}

describe("a gate of one process", () => {
  it("keeps everybody of a host waiting until the pause is over, and nobody of another", async () => {
    const clock = movedClock();
    const gate = localRateGate(clock);
    await gate.pass("a", signal);
    await gate.pause("a", 500);
    await gate.pass("b", signal);
    expect(clock.slept).toEqual([]);
    await gate.pass("a", signal);
    await gate.pass("a", signal);
    expect(clock.slept).toEqual([500]);
  });

  it("is not opened earlier by a shorter pause, and waits on where one was made longer meanwhile", async () => {
    const clock = movedClock();
    const gate = localRateGate(clock);
    await gate.pause("a", 500);
    await gate.pause("a", 100);
    const { sleep } = clock;
    let isFirst = true;
    clock.sleep = async (ms) => {
      if (isFirst) await gate.pause("a", 700);
      isFirst = false;
      await sleep(ms, signal);
    };
    await gate.pass("a", signal);
    expect(clock.slept).toEqual([500, 200]);
  });
});

describe("the system's clock", () => {
  it("ends a sleep with the signal's reason, before it and while it lasts", async () => {
    const controller = new AbortController();
    const sleeping = systemClock.sleep(1_000_000, controller.signal);
    const reason = new Error("stopped");
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(systemClock.sleep(0, controller.signal)).rejects.toBe(reason);
  });

  it("sleeps, and tells the time of day", async () => {
    const before = Date.now();
    await systemClock.sleep(1, signal);
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
  });
});
