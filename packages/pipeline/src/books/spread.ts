import type { Sums } from "@shardmill/core";

/** Between which two figures something is expected to end, and about where. */
export interface Reach {
  readonly low: number;
  readonly about: number;
  readonly high: number;
}

export function around(about: number, spread: number): Reach {
  return { low: about * Math.max(0, 1 - spread), about, high: about * (1 + spread) };
}

export function rounded({ low, about, high }: Reach): Reach {
  return { low: Math.floor(low), about: Math.round(about), high: Math.ceil(high) };
}

export function added(all: readonly Sums[]): Sums {
  return {
    count: sum(all.map(({ count }) => count)),
    sum: sum(all.map((one) => one.sum)),
    squares: sum(all.map(({ squares }) => squares)),
  };
}

export function sumsOf(values: readonly number[]): Sums {
  return { count: values.length, sum: sum(values), squares: sum(values.map((value) => value * value)) };
}

/**
 * How far the mean of all may lie from the mean of these few, as a share of it, in 95 of 100 cases: their standard error times
 * Student's t, since few figures tell little of how they vary. One figure tells nothing of that, and might be half or double.
 */
export function errorOf({ count, sum, squares }: Sums): number {
  if (count < 2) return 1;
  if (sum === 0) return 0;
  const mean = sum / count;
  const variance = Math.max(0, squares - sum * mean) / (count - 1);
  return (student(count - 1) * Math.sqrt(variance / count)) / mean;
}

/** The two-sided 95 % point of Student's t, to about two hundredths of it. */
function student(degrees: number): number {
  return 1.96 + 2.4 / degrees + 8.4 / degrees ** 3;
}

/** What is left of an uncertainty when so many of so many were looked at: nothing when it was all of them. */
export function ofRest(seen: number, all: number): number {
  return Math.sqrt(Math.max(0, 1 - seen / all));
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
