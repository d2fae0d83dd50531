import { describe, expect, it } from "vitest";
import { rotationFilters } from "./rotation-filters.ts";

function matrix(a: number, b: number, c: number, d: number): Buffer {
  const bytes = Buffer.alloc(36);
  for (const [at, value] of [
    [0, a],
    [1, b],
    [3, c],
    [4, d],
  ] as const)
    bytes.writeInt32LE(Math.round(value * 65_536), at * 4);
  return bytes;
}

describe("rotationFilters", () => {
  it("turns as ffmpeg does before a user's filters", () => {
    expect(rotationFilters(null)).toEqual([]);
    expect(rotationFilters(matrix(1, 0, 0, 1))).toEqual([]);
    expect(rotationFilters(matrix(0, 1, -1, 0))).toEqual(["transpose=clock"]);
    expect(rotationFilters(matrix(-1, 0, 0, -1))).toEqual(["hflip", "vflip"]);
    expect(rotationFilters(matrix(0, -1, 1, 0))).toEqual(["transpose=cclock"]);
    expect(rotationFilters(matrix(1, 0, 0, -1))).toEqual(["vflip"]);
  });

  it("leaves a matrix alone that shows nothing", () => {
    expect(rotationFilters(matrix(0, 0, 0, 0))).toEqual([]);
  });
});
