import { describe, expect, it } from "vitest";
import { sharesOf } from "./shares-of.ts";

const options = { workers: 64, perProcess: 20, memory: 512_000_000, role: "all" } as const;
const sum = (figures: readonly (number | undefined)[]) =>
  figures.reduce<number>((all, one) => all + (one ?? 0), 0);

describe("the capacity of a worker", () => {
  it("is one process's for as long as that can feed it", () => {
    const small = { ...options, workers: 20 };
    expect(sharesOf(small)).toEqual([small]);
    const { perProcess: _, ...usual } = small;
    expect(sharesOf(usual)).toEqual([usual]);
  });

  it("is shared out evenly beyond it: nothing more than was given, and as many clips", () => {
    const shares = sharesOf({ ...options, workers: 63, maxBandwidth: 50_000_000 });
    expect(shares.map(({ workers }) => workers)).toEqual([16, 16, 16, 15]);
    for (const [what, given] of [
      [shares.map(({ memory }) => memory), 512_000_000],
      [shares.map(({ maxBandwidth }) => maxBandwidth), 50_000_000],
    ] as const) {
      expect(sum(what)).toBeLessThanOrEqual(given);
      expect(sum(what)).toBeGreaterThan(given - 4);
    }
  });

  it("goes to no more processes than there are shards under way", () => {
    expect(sharesOf({ ...options, shards: 3 })).toMatchObject([
      { workers: 22, shards: 1 },
      { workers: 21, shards: 1 },
      { workers: 21, shards: 1 },
    ]);
    expect(sharesOf({ ...options, shards: 9 }).map(({ shards }) => shards)).toEqual([3, 2, 2, 2]);
    expect(sharesOf({ ...options, shards: 1 })).toHaveLength(1);
  });

  it("is not shared out to plan, which is light work", () => {
    expect(sharesOf({ ...options, role: "plan" })).toHaveLength(1);
  });

  it("is never less than what a worker takes", () => {
    const shares = sharesOf({ ...options, memory: 1_000_000, maxBandwidth: 1_000 });
    expect(shares.map(({ memory, maxBandwidth }) => [memory, maxBandwidth])).toEqual(
      Array.from({ length: 4 }, () => [1_000_000, 1_000]),
    );
  });
});
