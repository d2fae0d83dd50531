import type { Clock } from "@shardmill/core";
import { expect, it } from "vitest";
import { limitBandwidth } from "./limit-bandwidth.ts";

function fakeClock(): Clock & { at: number } {
  const clock = {
    at: 0,
    now: () => clock.at,
    sleep: async (ms: number) => {
      clock.at += ms;
    },
  };
  return clock;
}

it("holds the rate over many chunks of any size", async () => {
  const clock = fakeClock();
  const bandwidth = limitBandwidth(1_000_000, clock);
  const signal = new AbortController().signal;
  for (let sent = 0; sent < 100; sent += 1) await bandwidth.take(sent % 2 === 0 ? 150_000 : 50_000, signal);
  expect(clock.at).toBeGreaterThanOrEqual(9_800);
  expect(clock.at).toBeLessThanOrEqual(10_000);
});

it("shares one rate between readers", async () => {
  const clock = fakeClock();
  const bandwidth = limitBandwidth(1_000_000, clock);
  const signal = new AbortController().signal;
  await Promise.all([bandwidth.take(1_000_000, signal), bandwidth.take(1_000_000, signal)]);
  expect(clock.at).toBeGreaterThanOrEqual(1_900);
});

it("does not save up for longer than a tenth of a second", async () => {
  const clock = fakeClock();
  const bandwidth = limitBandwidth(1_000_000, clock);
  clock.at = 60_000;
  await bandwidth.take(1_000_000, new AbortController().signal);
  expect(clock.at).toBe(60_900);
});

it("stops waiting when aborted", async () => {
  const bandwidth = limitBandwidth(10);
  const controller = new AbortController();
  const waiting = bandwidth.take(1_000, controller.signal);
  controller.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
});
