import type { Json } from "@shardmill/core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ProgressTeller } from "./progress-teller.ts";

const told: Json[] = [];
beforeEach(() => {
  told.length = 0;
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

it("tells the first at once, then the latest of each interval, and never the same twice", () => {
  const teller = new ProgressTeller(1_000, (progress) => told.push(progress));
  for (const clips of [1, 2, 3]) teller.progress(clips);
  expect(told).toEqual([1]);
  vi.advanceTimersByTime(1_000);
  expect(told).toEqual([1, 3]);
  teller.progress(4);
  vi.advanceTimersByTime(5_000);
  expect(told).toEqual([1, 3, 4]);
  teller.flush();
  expect(told).toEqual([1, 3, 4]);
});

it("a flush tells what still waits and leaves no timer", () => {
  const teller = new ProgressTeller(1_000, (progress) => told.push(progress));
  for (const clips of [1, 2]) teller.progress(clips);
  teller.flush();
  expect(told).toEqual([1, 2]);
  expect(vi.getTimerCount()).toBe(0);
});
