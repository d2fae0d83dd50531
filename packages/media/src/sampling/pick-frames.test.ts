import { describe, expect, it } from "vitest";
import { type ClipClock, type PickSettings, pickFrames } from "./pick-frames.ts";
import type { ShownFrame } from "./shown-frames.ts";

const defaults: PickSettings = {
  fps: 1,
  maxFrames: 64,
  align: "center",
  overflow: "truncate",
  sampling: "exact",
};

const clock = (den: number, more: Partial<ClipClock> = {}): ClipClock => ({
  timeBase: { num: 1, den },
  startTicks: 0,
  codecFrameTicks: 0,
  hasTimestamps: true,
  declaredEndTicks: null,
  ...more,
});

/** Frames at these ticks; each lasts until the next, the last as long as the one before. */
function at(ticks: readonly number[], keys: readonly number[] = [], last = 1): ShownFrame[] {
  return ticks.map((tick, index) => ({
    ticks: tick,
    durationTicks: (ticks[index + 1] ?? tick + last) - tick,
    key: keys.includes(tick),
    index,
  }));
}

const steady = (count: number, step = 1, first = 0) =>
  at(
    Array.from({ length: count }, (_, index) => first + index * step),
    [],
    step,
  );

function ticksOf(
  frames: readonly ShownFrame[],
  base: ClipClock,
  settings: Partial<PickSettings> = {},
): number[] {
  return pickFrames(frames, base, { ...defaults, ...settings }).picks.map((pick) => pick.frame.ticks);
}

describe("pickFrames", () => {
  it("takes the last frame before the middle of each second, as fps=1 does", () => {
    expect(ticksOf(steady(90), clock(30))).toEqual([14, 44, 74]);
    expect(ticksOf(steady(75), clock(25))).toEqual([12, 37, 62]);
  });

  it("gives times in seconds from the clip's start", () => {
    const { picks } = pickFrames(steady(90), clock(30), defaults);
    expect(picks.map((pick) => pick.timeS.toFixed(3))).toEqual(["0.467", "1.467", "2.467"]);
  });

  it("rounds the end to the nearest second: 10.4 s are 10 frames, 10.5 s are 11", () => {
    expect(ticksOf(steady(312), clock(30))).toHaveLength(10);
    expect(ticksOf(steady(315), clock(30))).toHaveLength(11);
  });

  it("counts the last frame's own duration towards the end", () => {
    expect(ticksOf(at([0, 10, 20], [], 10), clock(10))).toHaveLength(3);
    expect(ticksOf(at([0, 10, 20], [], 2), clock(10))).toHaveLength(2);
  });

  it("does not believe a duration of one tick that libavformat made up", () => {
    expect(ticksOf(at([0, 500, 1000], [], 1), clock(1000))).toHaveLength(2);
    expect(ticksOf(at([0, 1000, 2000], [], 1), clock(1000))).toHaveLength(3);
  });

  it("repeats a frame that is shown for several seconds", () => {
    expect(ticksOf(at([0, 25, 50], [], 25), clock(10))).toEqual([0, 0, 0, 25, 25, 50, 50, 50]);
  });

  it("begins where a late video begins", () => {
    expect(ticksOf(steady(60, 1, 51), clock(30))).toEqual([74, 104]);
  });

  it("gives the middle frame of a clip too short for one", () => {
    expect(ticksOf(steady(9), clock(30))).toEqual([4]);
    expect(ticksOf(steady(1), clock(30))).toEqual([0]);
    expect(pickFrames(steady(3), clock(30), defaults).expected).toBe(1);
  });

  it("has nothing to pick from nothing", () => {
    expect(pickFrames([], clock(30), defaults)).toEqual({ picks: [], expected: 0 });
  });

  it("aligns at whole seconds when asked to", () => {
    expect(ticksOf(steady(90), clock(30), { align: "start" })).toEqual([0, 30, 60]);
    // 29.97: the frame shown at 1 s began at 29 frames, the one at 2 s at 59.
    expect(ticksOf(steady(90, 1001), clock(30_000), { align: "start" })).toEqual([
      0,
      29 * 1001,
      59 * 1001,
      89 * 1001,
    ]);
  });

  it("keeps the first frames of a long clip, or spreads them over it", () => {
    expect(ticksOf(steady(1300), clock(10)).at(-1)).toBe(634);
    const spread = ticksOf(steady(1280), clock(10), { overflow: "uniform" });
    expect(spread).toHaveLength(64);
    expect([spread[0], spread.at(-1)]).toEqual([9, 1269]);
    expect(ticksOf(steady(1280), clock(10), { overflow: "uniform", align: "start" })[1]).toBe(20);
  });

  it("samples at other rates, fractions included", () => {
    expect(ticksOf(steady(90), clock(30), { fps: 2 })).toEqual([7, 22, 37, 52, 67, 82]);
    expect(ticksOf(steady(120), clock(30), { fps: 0.5 })).toEqual([29, 89]);
    expect(ticksOf(steady(30), clock(30), { fps: 29.97 })).toHaveLength(30);
  });

  it("takes the nearest keyframe within half an interval, and the exact frame where there is none", () => {
    const keys = [0, 30, 95];
    const frames = at(
      Array.from({ length: 120 }, (_, index) => index),
      keys,
    );
    expect(ticksOf(frames, clock(30), { sampling: "keyframes" })).toEqual([0, 30, 74, 95]);
  });

  it("keeps to the bounds of a clip cut by annotation, with times of the whole clip", () => {
    const bounded = { startS: 1, endS: 3 };
    expect(ticksOf(steady(150), clock(30), bounded)).toEqual([44, 74]);
    expect(pickFrames(steady(150), clock(30), { ...defaults, ...bounded }).picks[0]?.timeS).toBeCloseTo(
      44 / 30,
    );
  });

  it("expects what the container declares when the file is cut", () => {
    const cut = pickFrames(steady(60), clock(30, { declaredEndTicks: 300 }), defaults);
    expect([cut.picks.length, cut.expected]).toEqual([2, 10]);
  });

  it("expects no more than the most frames that are kept, and never less than one", () => {
    const long = pickFrames(steady(60), clock(30, { declaredEndTicks: 300_000 }), defaults);
    expect([long.picks.length, long.expected]).toEqual([2, 64]);
    expect(pickFrames(steady(60), clock(30, { declaredEndTicks: 30 }), defaults).expected).toBe(2);
  });

  it("counts what the container declares from where the clip starts", () => {
    const late = clock(30, { startTicks: 150, declaredEndTicks: 300 });
    expect(pickFrames(steady(60), late, defaults).expected).toBe(5);
  });

  it("ends a clip without timestamps by its codec's frame time", () => {
    const made = (codecFrameTicks: number) => clock(10, { hasTimestamps: false, codecFrameTicks });
    const frames = at([0, 10, 20], [], 1);
    expect(ticksOf(frames, made(10))).toHaveLength(3);
    expect(ticksOf(frames, made(2))).toHaveLength(2);
    // Nothing is known: the last frame lasts as long as the one before.
    expect(ticksOf(frames, made(0))).toHaveLength(3);
  });

  it("tells times that never step back, though the clock of the clip does", () => {
    // Behind 3.8 s comes 0.6 s, and is shown until 6 s.
    const { picks } = pickFrames(at([0, 10, 20, 38, 6, 60, 70], [], 10), clock(10), defaults);
    expect(picks.map(({ frame }) => frame.ticks)).toEqual([0, 10, 20, 20, 6, 6, 60, 70]);
    expect(picks.map(({ timeS }) => timeS)).toEqual([0, 1, 2, 2, 2, 2, 6, 7]);
  });

  it("takes keyframes by the start of each second when aligned there", () => {
    const keys = [0, 31, 59];
    const frames = at(
      Array.from({ length: 120 }, (_, index) => index),
      keys,
    );
    const settings = { sampling: "keyframes", align: "start" } as const;
    expect(ticksOf(frames, clock(30), settings)).toEqual([0, 31, 59, 90]);
  });

  it("gives nothing of bounds in which no frame begins", () => {
    const bounded = { startS: 7, endS: 9 };
    expect(pickFrames(steady(60), clock(30), { ...defaults, ...bounded })).toEqual({
      picks: [],
      expected: 0,
    });
  });
});
