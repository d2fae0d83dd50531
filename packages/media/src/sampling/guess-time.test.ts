import { describe, expect, it } from "vitest";
import { FrameClock } from "./frame-clock.ts";
import { GuessedTimes } from "./guess-time.ts";

describe("GuessedTimes", () => {
  const guessed = (...frames: (readonly [pts: number | null, dts: number | null])[]) => {
    const times = new GuessedTimes();
    return frames.map(([pts, dts]) => times.next(pts, dts));
  };

  it("takes a packet's own time as long as it runs forward", () => {
    expect(guessed([0, 2], [1, 3], [2, 4])).toEqual([0, 1, 2]);
  });

  it("takes the times of decoding once the others have stepped back", () => {
    expect(guessed([0, 2], [2, 3], [3, 4], [1, 5], [5, 6])).toEqual([0, 2, 3, 5, 6]);
  });

  it("takes what there is", () => {
    expect(guessed([null, 4], [null, null], [7, null])).toEqual([4, null, 7]);
  });
});

describe("FrameClock", () => {
  const shown = (
    options: { codecFrameTicks?: number; hasTimestamps?: boolean },
    ...frames: (readonly [ticks: number | null, duration: number])[]
  ) => {
    const clock = new FrameClock({ codecFrameTicks: 0, hasTimestamps: true, ...options });
    return frames
      .map(([ticks, duration]) => clock.next(ticks, duration))
      .map((time) => [time.ticks, time.durationTicks]);
  };

  it("lets a frame without a time follow the one before", () => {
    expect(shown({}, [null, 40], [null, 40], [100, 40])).toEqual([
      [0, 40],
      [40, 40],
      [100, 40],
    ]);
  });

  it("goes by the codec's rate where the container has no clock", () => {
    expect(shown({ codecFrameTicks: 33, hasTimestamps: false }, [null, 40], [null, 40])).toEqual([
      [0, 33],
      [33, 33],
    ]);
  });

  it("does not believe a duration of one tick between distant frames", () => {
    expect(shown({}, [0, 1], [40, 1], [80, 0])).toEqual([
      [0, 1],
      [40, 40],
      [80, 40],
    ]);
  });
});
