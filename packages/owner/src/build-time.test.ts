import { recordVersion } from "@shardmill/core";
import type { LastRun } from "@shardmill/pipeline/last-run";
import { describe, expect, it } from "vitest";
import { buildTimeOf } from "./build-time.ts";

const at = (minute: number): string => `2026-11-26T10:${String(minute).padStart(2, "0")}:00.000Z`;
const ms = (minute: number): number => Date.parse(at(minute));
const lastRun = (began: number, ended: number | null): LastRun => ({
  version: recordVersion,
  beganAt: at(began),
  endedAt: ended === null ? null : at(ended),
});
const nothing = { lastRun: null, isOwned: false, oldestRun: null, newestAt: null };

describe("the time of a build", () => {
  it("is none where it was never at work", () => {
    const none = { state: "none", beganAt: null, seconds: 0, endedAt: null };
    expect(buildTimeOf(nothing, ms(5))).toEqual(none);
    expect(buildTimeOf({ ...nothing, newestAt: at(1) }, ms(5))).toEqual(none);
  });

  it("runs on while jobs are under way or its owner is there, from the first of its runs", () => {
    const open = { ...nothing, lastRun: lastRun(0, null) };
    const running = { state: "running", beganAt: at(0), seconds: 300, endedAt: null };
    expect(buildTimeOf({ ...open, isOwned: true }, ms(5))).toEqual(running);
    // A run that was added to it does not begin it anew, nor does one whose owner has gone.
    expect(buildTimeOf({ ...open, oldestRun: ms(3), isOwned: true }, ms(5))).toEqual(running);
    expect(buildTimeOf({ ...open, oldestRun: ms(0) }, ms(5))).toEqual(running);
  });

  it("begins with its oldest run where no owner has recorded that it is at work", () => {
    const running = { state: "running", beganAt: at(3), seconds: 120, endedAt: null };
    expect(buildTimeOf({ ...nothing, oldestRun: ms(3) }, ms(5))).toEqual(running);
    expect(buildTimeOf({ ...nothing, oldestRun: ms(3), lastRun: lastRun(0, 1) }, ms(5))).toEqual(running);
  });

  it("stops at the recorded end", () => {
    const ended = { state: "ended", beganAt: at(0), seconds: 120, endedAt: at(2) };
    expect(buildTimeOf({ ...nothing, lastRun: lastRun(0, 2), newestAt: at(1) }, ms(59))).toEqual(ended);
  });

  it("is counted to the last thing that it left where nobody recorded its end, and not for ever", () => {
    const lost = { ...nothing, lastRun: lastRun(10, null) };
    const unknown = { state: "unknown", beganAt: at(10), endedAt: null };
    expect(buildTimeOf({ ...lost, newestAt: at(14) }, ms(59))).toEqual({ ...unknown, seconds: 240 });
    expect(buildTimeOf(lost, ms(59))).toEqual({ ...unknown, seconds: 0 });
    // What it found of an earlier time is no sign of life.
    expect(buildTimeOf({ ...lost, newestAt: at(1) }, ms(59))).toEqual({ ...unknown, seconds: 0 });
  });

  it("is never negative where two clocks disagree", () => {
    expect(buildTimeOf({ ...nothing, oldestRun: ms(6) }, ms(5)).seconds).toBe(0);
  });
});
