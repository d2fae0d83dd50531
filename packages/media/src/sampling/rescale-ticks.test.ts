import { describe, expect, it } from "vitest";
import { rescaleTicks } from "./rescale-ticks.ts";

describe("rescaleTicks", () => {
  const halves = { num: 1, den: 2 };
  const seconds = { num: 1, den: 1 };

  it("rounds to nearest, halves away from zero", () => {
    expect([0, 1, 2, 3, -1, -3].map((ticks) => rescaleTicks(ticks, halves, seconds))).toEqual([
      0, 1, 1, 2, -1, -2,
    ]);
  });

  it("is exact where floating point is not", () => {
    const fine = { num: 1, den: 1_000_000_000 };
    const odd = { num: 1001, den: 30_000 };
    expect(rescaleTicks(9_007_199_254_740_991, fine, odd)).toBe(269_946_032);
    expect(rescaleTicks(8_191 * 1_200_000 + 599_999, { num: 1, den: 1_200_000 }, seconds)).toBe(8_191);
  });
});
