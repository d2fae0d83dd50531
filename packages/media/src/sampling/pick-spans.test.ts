import { defaultRecipe } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { pickFrames } from "./pick-frames.ts";
import { pickSpans, withPromise } from "./pick-spans.ts";

/** A clip of 40 s with 25 frames a second, in ticks of a thousandth. */
const frames = Array.from({ length: 1000 }, (_, index) => ({
  ticks: index * 40,
  durationTicks: 40,
  key: index % 50 === 0,
  index,
}));
const clock = {
  timeBase: { num: 1, den: 1000 },
  startTicks: 0,
  codecFrameTicks: 40,
  hasTimestamps: true,
  declaredEndTicks: 40_000,
};

describe("the frames of several stretches", () => {
  const spans = Array.from({ length: 20 }, (_, at) => ({ startS: at * 1.5, endS: at * 1.5 + 4 }));

  it("are those of each alone, and say which it is", () => {
    const all = pickSpans(frames, clock, { ...defaultRecipe, spans });
    for (const [at, { startS, endS }] of spans.entries()) {
      const alone = pickFrames(frames, clock, { ...defaultRecipe, startS, endS });
      const own = all.picks.filter(({ span }) => span === at);
      expect(own.map(({ frame }) => frame.index)).toEqual(alone.picks.map(({ frame }) => frame.index));
      expect(all.expectedOf?.[at]).toBe(alone.expected);
    }
    expect(all.expected).toBe(all.picks.length);
  });

  it("are none behind the end, and up to it where a stretch is open", () => {
    const { expectedOf, picks } = pickSpans(frames, clock, {
      ...defaultRecipe,
      spans: [
        { startS: 50, endS: 60 },
        { startS: 37, endS: null },
      ],
    });
    expect(expectedOf).toEqual([0, 3]);
    expect(picks.map(({ span }) => span)).toEqual([1, 1, 1]);
  });

  it("of a whole clip are none of a stretch", () => {
    const whole = pickSpans(frames, clock, defaultRecipe);
    expect([whole.expectedOf, whole.picks.length]).toEqual([null, 40]);
  });

  it("are held against what the packets promised, each for itself", () => {
    const came = { picks: [], expected: 3, expectedOf: [1, 2] };
    const promised = { picks: [], expected: 5, expectedOf: [4, 1] };
    expect(withPromise(came, promised)).toMatchObject({ expected: 5, expectedOf: [4, 2] });
    expect(withPromise(came, null)).toMatchObject({ expected: 3, expectedOf: [1, 2] });
  });
});
