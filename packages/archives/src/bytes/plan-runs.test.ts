import { describe, expect, it } from "vitest";
import { Seeded } from "../../../core/testing/seeded.ts";
import { planRuns } from "./plan-runs.ts";

/** Each run as its span, and which ranges it was planned for. */
function runsOf(ranges: readonly (readonly [number, number])[], gapBytes: number): string[] {
  const given = ranges.map(([start, end]) => ({ start, end }));
  return planRuns(given, gapBytes).map(
    ({ start, end, spans }) => `${start}-${end}: ${spans.map(({ index }) => index).join()}`,
  );
}

describe("what is read in one request", () => {
  it.each([
    [
      "what lies side by side",
      [
        [0, 10],
        [10, 20],
      ],
      0,
      ["0-20: 0,1"],
    ],
    [
      "what a gap of just this size parts",
      [
        [0, 10],
        [15, 20],
      ],
      5,
      ["0-20: 0,1"],
    ],
    [
      "a range within another one",
      [
        [0, 100],
        [10, 20],
        [100, 110],
      ],
      0,
      ["0-110: 0,1,2"],
    ],
    [
      "the same range twice",
      [
        [5, 9],
        [5, 9],
      ],
      0,
      ["5-9: 0,1"],
    ],
    [
      "ranges of any order, in order",
      [
        [50, 60],
        [0, 10],
        [10, 20],
      ],
      0,
      ["0-20: 1,2", "50-60: 0"],
    ],
    [
      "a range of no bytes within a run",
      [
        [0, 10],
        [10, 10],
        [10, 20],
      ],
      0,
      ["0-20: 0,1,2"],
    ],
  ] as const)("is %s", (_, ranges, gapBytes, runs) => {
    expect(runsOf(ranges, gapBytes)).toEqual(runs);
  });

  it.each([
    [
      "a gap of one byte more",
      [
        [0, 10],
        [16, 20],
      ],
      5,
      ["0-10: 0", "16-20: 1"],
    ],
    [
      "one byte where no gap is read over",
      [
        [0, 10],
        [11, 20],
      ],
      0,
      ["0-10: 0", "11-20: 1"],
    ],
  ] as const)("is not what lies behind %s", (_, ranges, gapBytes, runs) => {
    expect(runsOf(ranges, gapBytes)).toEqual(runs);
  });

  it("is nothing where nothing is wanted", () => {
    expect(planRuns([], 100)).toEqual([]);
  });

  it("is measured from the end of all that came before, and not of the last range alone", () => {
    expect(
      runsOf(
        [
          [0, 100],
          [1, 2],
          [103, 110],
        ],
        5,
      ),
    ).toEqual(["0-110: 0,1,2"]);
  });

  it("holds each range once, never reads a byte twice, and could not be fewer requests", () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const seeded = new Seeded(seed);
      const gapBytes = seeded.below(12);
      const ranges = Array.from({ length: seeded.below(15) }, () => {
        const start = seeded.below(200);
        return { start, end: start + seeded.below(20) };
      });
      const before = structuredClone(ranges);
      const runs = planRuns(ranges, gapBytes);
      expect(ranges, `seed ${seed}`).toEqual(before);
      const held = runs.flatMap(({ spans }) => spans.map(({ index }) => index));
      expect(
        held.toSorted((a, b) => a - b),
        `seed ${seed}`,
      ).toEqual(ranges.map((_, at) => at));
      for (const [at, { start, end, spans }] of runs.entries()) {
        expect(start, `seed ${seed}`).toBe(Math.min(...spans.map((span) => span.start)));
        expect(end, `seed ${seed}`).toBe(Math.max(...spans.map((span) => span.end)));
        for (const { index, start: from, end: to } of spans)
          expect({ start: from, end: to }, `seed ${seed}`).toEqual(ranges[index]);
        const next = runs[at + 1];
        if (next !== undefined) expect(next.start - end, `seed ${seed}`).toBeGreaterThan(gapBytes);
      }
    }
  });
});
