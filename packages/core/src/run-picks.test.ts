import { describe, expect, it } from "vitest";
import { defaultRecipe } from "./recipe.ts";
import { pickOfRun } from "./run-picks.ts";

const pick = (count: number, fps: number | null, changes: object = {}, span?: [number, number | null]) =>
  pickOfRun(
    { count, fps },
    { ...defaultRecipe, ...changes },
    span === undefined ? null : { startS: span[0], endS: span[1] },
  );

describe("the pictures of a run whose rate is known", () => {
  it("are the last before the middle of each second, as ffmpeg's fps filter takes them", () => {
    // ffmpeg -framerate 3 -i %d.jpg -vf fps=1: of 12 pictures the second of each second.
    expect(pick(12, 3)).toEqual([1, 4, 7, 10]);
    expect(pick(6, 2)).toEqual([0, 2, 4]);
    expect(pick(5, 1)).toEqual([0, 1, 2, 3, 4]);
  });

  it("are those shown at each second where the recipe aligns so", () => {
    expect(pick(12, 3, { align: "start" })).toEqual([0, 3, 6, 9]);
  });

  it("come again where there are fewer than the recipe wants", () => {
    expect(pick(2, 1, { fps: 2, align: "start" })).toEqual([0, 0, 1, 1]);
  });

  it("are of a stretch, and none of what is not there", () => {
    expect(pick(30, 3, {}, [2, 5])).toEqual([7, 10, 13]);
    expect(pick(30, 3, {}, [9, null])).toEqual([28]);
    expect(pick(30, 3, {}, [11, 12])).toEqual([]);
  });

  it("are one for a run shorter than half a second, and at most so many of a long one", () => {
    expect(pick(1, 3)).toHaveLength(1);
    expect(pick(300, 3, { maxFrames: 4 })).toEqual([1, 4, 7, 10]);
    expect(pick(300, 3, { maxFrames: 4, overflow: "uniform" })).toEqual([37, 112, 187, 262]);
  });
});

describe("the pictures of a run of which nobody knows the rate", () => {
  it("are the first ones, or evenly over all", () => {
    expect(pick(3, null)).toEqual([0, 1, 2]);
    expect(pick(100, null, { maxFrames: 4 })).toEqual([0, 1, 2, 3]);
    expect(pick(100, null, { maxFrames: 4, overflow: "uniform" })).toEqual([12, 37, 62, 87]);
    expect(pick(100, null, {}, [0, 1])).toEqual([]);
  });
});
