import { expect, it } from "vitest";
import { NumberTally, WordTally } from "./distribution.ts";

it("few whole numbers are shown one by one, with figures of all", () => {
  const tally = new NumberTally();
  for (const value of [3, 1, 1, 64]) tally.add(value);
  expect(tally.distribution("frames", "ledgers")).toEqual({
    kind: "frames",
    from: "ledgers",
    count: 4,
    bins: [
      { label: "1", count: 2 },
      { label: "3", count: 1 },
      { label: "64", count: 1 },
    ],
    numbers: { min: 1, median: 1, mean: 17.25, max: 64, sum: 69 },
  });
});

it("many are shown in at most sixteen bins of even width, and none is lost", () => {
  const tally = new NumberTally();
  for (let value = 100; value <= 1100; value += 1) tally.add(value);
  const bins = tally.distribution("tokens", "tars")?.bins ?? [];
  expect(bins.length).toBeLessThanOrEqual(16);
  expect(bins[0]).toEqual({ label: "100–199", count: 100 });
  expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(1001);
});

it("tenths are shown in their unit", () => {
  const tally = new NumberTally();
  for (const tenths of [5, 25, 26]) tally.add(tenths);
  expect(tally.distribution("duration", "tars", 10)).toMatchObject({
    bins: [
      { label: "0–1", count: 1 },
      { label: "1–2", count: 0 },
      { label: "2–3", count: 2 },
    ],
    numbers: { min: 0.5, median: 2.5, max: 2.6 },
  });
});

it("nothing counted is no distribution; of words the most frequent come first", () => {
  expect(new NumberTally().distribution("frames", "tars")).toBeNull();
  const words = new WordTally();
  for (const word of ["b", "a", "a"]) words.add(word);
  expect(words.distribution("resolution", "tars")?.bins).toEqual([
    { label: "a", count: 2 },
    { label: "b", count: 1 },
  ]);
});
