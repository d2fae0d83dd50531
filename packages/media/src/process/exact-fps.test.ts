import { expect, it } from "vitest";
import { exactFps } from "./exact-fps.ts";

it("what is printed with two decimals stands for a broadcast rate, for what was counted, or for hundredths of a second", () => {
  expect(exactFps(23.98, 0, false)).toBeCloseTo(24_000 / 1001, 9);
  expect(exactFps(25, 24.2, false)).toBe(25);
  expect(exactFps(12.46, 12.4611, false)).toBe(12.4611);
  expect(exactFps(25, 24.999, true)).toBe(24.999);
  expect(exactFps(16.67, 15.9, false)).toBeCloseTo(100 / 6, 9);
  expect(exactFps(7.37, 7.31, false)).toBe(7.37);
  expect(exactFps(0, 24.5, false)).toBe(24.5);
});
