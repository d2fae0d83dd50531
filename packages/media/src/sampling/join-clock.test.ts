import { describe, expect, it } from "vitest";
import { JoinedClock, type StreamClock } from "./join-clock.ts";

const clock: StreamClock = {
  timeBase: { num: 1, den: 90_000 },
  startTicks: 0,
  mayRestart: true,
  wrapBits: 33,
  delayS: 0,
  codecFrameTicks: 3600,
};

const frame = 3600;
const second = 90_000;

/** Times of decoding that are told as those of showing, each a frame long. */
function joined(times: readonly number[], more: Partial<StreamClock> = {}): (number | null)[] {
  const reader = new JoinedClock({ ...clock, ...more });
  return times.map((dts) => reader.next({ pts: dts + frame, dts }, frame).dts);
}

describe("JoinedClock", () => {
  it("leaves a clock alone that runs, pauses for up to ten seconds, or trembles", () => {
    const pause = 10 * second;
    const times = [0, frame, 2 * frame, 3 * frame + pause, 3 * frame + pause - 0.05 * second];
    expect(joined(times)).toEqual(times);
  });

  it("rejoins a step back of a few frames to where the packet before ended", () => {
    const times = [0, 1, 2, 3, 4].map((count) => count * frame);
    expect(joined([...times, 0, frame])).toEqual([...times, 5 * frame, 6 * frame]);
  });

  it.each([1, 60, 3600])("rejoins a step back of %d s after as long a run", (seconds) => {
    const far = seconds * second;
    expect(joined([far, far + frame, 0, frame], { startTicks: far })).toEqual([
      far,
      far + frame,
      far + 2 * frame,
      far + 3 * frame,
    ]);
  });

  it.each([10.1, 60, 3600])("rejoins a jump of %d s", (seconds) => {
    const far = seconds * second;
    expect(joined([0, frame, far + 2 * frame, far + 3 * frame])).toEqual([0, frame, 2 * frame, 3 * frame]);
  });

  it("moves the times of showing along", () => {
    const reader = new JoinedClock(clock);
    reader.next({ pts: frame, dts: 0 }, frame);
    expect(reader.next({ pts: 100 * second + 5 * frame, dts: 100 * second }, frame)).toEqual({
      pts: 6 * frame,
      dts: frame,
    });
  });

  it("reads the packets before a clock wraps as those of the round before", () => {
    const round = 2 ** 33;
    expect(joined([round - frame, 0, frame], { startTicks: -frame })).toEqual([-frame, 0, frame]);
  });

  it("keeps steps where a container's clock cannot start again, but no time that is days away", () => {
    expect(joined([20 * second, 0, frame], { mayRestart: false, wrapBits: 64 })).toEqual([
      20 * second,
      0,
      frame,
    ]);
    expect(joined([0, 400_000 * second], { mayRestart: false, wrapBits: 64 })).toEqual([0, null]);
  });
});
