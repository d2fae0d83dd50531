import { expect, it } from "vitest";
import { partsTextOf } from "./parts-text.ts";

it("names parts as --parts does, runs as runs", () => {
  const of = (subset: string | null, ...numbers: number[]) => numbers.map((part) => ({ subset, part }));
  expect(partsTextOf([])).toBe("");
  expect(partsTextOf(of(null, 7, 3, 1, 2, 3))).toBe("1-3,7");
  expect(partsTextOf([...of("ai2d", 0, 1, 9), ...of("видео", 4)])).toBe("ai2d:0-1,ai2d:9,видео:4");
});
