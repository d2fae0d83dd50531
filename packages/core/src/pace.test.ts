import { describe, expect, it } from "vitest";
import { noPace, type Pace, type PaceMoment, paceWith, timeLeft } from "./pace.ts";

/** Two members a second from one moment to another, told once a second. */
function work(pace: Pace, from: PaceMoment, seconds: number): Pace {
  let now = pace;
  for (let n = 0; n <= seconds; n += 1)
    now = paceWith(now, { atMs: from.atMs + n * 1000, members: from.members + n * 2, isWorking: true });
  return now;
}

const hour = 3_600_000;
const left = { members: 600, estimated: 0 };
const begun = work(noPace, { atMs: 0, members: 0, isWorking: true }, 60);

describe("the time that is left", () => {
  it("is not known at first, and nothing where nothing is left", () => {
    expect(timeLeft(noPace, left)).toBeNull();
    expect(timeLeft(work(noPace, { atMs: 0, members: 0, isWorking: true }, 3), left)).toBeNull();
    expect(timeLeft(noPace, { members: 0, estimated: 0 })?.seconds).toBe(0);
  });

  it("follows from the pace, with a spread of at least a tenth", () => {
    expect(timeLeft(begun, left)).toEqual({
      seconds: 300,
      fromSeconds: expect.closeTo(300 / 1.1),
      toSeconds: expect.closeTo(300 / 0.9),
    });
    const wide = timeLeft(begun, { members: 600, estimated: 600 });
    expect(wide?.toSeconds).toBeCloseTo(360 / 0.9);
  });

  it.each([
    ["a pause", { atMs: 61_000, members: 120, isWorking: false }],
    ["hours without a word, though jobs are in hand", { atMs: 61_000, members: 120, isWorking: true }],
  ])("does not count %s", (_, still) => {
    const idle = paceWith(paceWith(begun, still), { ...still, atMs: 6 * hour });
    const again = work(idle, { atMs: 6 * hour + 1000, members: 5_000, isWorking: true }, 60);
    expect(timeLeft(idle, left)?.seconds).toBe(300);
    expect(timeLeft(again, left)?.seconds).toBeCloseTo(300);
  });

  it("counts a short silence of those at work", () => {
    const silent = paceWith(begun, { atMs: 60_000 + 30_000, members: 120, isWorking: true });
    const spoken = paceWith(silent, { atMs: 60_000 + 60_000, members: 240, isWorking: true });
    expect(timeLeft(spoken, left)?.seconds).toBeCloseTo(300);
  });

  it("forgets what is older than ten minutes of work, and stays small", () => {
    const slow = work(noPace, { atMs: 0, members: 0, isWorking: true }, 3_000);
    let now = slow;
    for (let n = 1; n <= 1_200; n += 1)
      now = paceWith(now, { atMs: 3_000_000 + n * 1000, members: 6_000 + n * 8, isWorking: true });
    expect(timeLeft(now, left)?.seconds).toBeCloseTo(75);
    expect(now.stretches.length).toBeLessThanOrEqual(121);
  });

  it("a build that is begun again counts from there", () => {
    const again = work(begun, { atMs: 100_000, members: 0, isWorking: true }, 10);
    expect(timeLeft(again, left)?.seconds).toBeCloseTo(300);
  });
});
