import { expect, it } from "vitest";
import { timeText } from "./time-text.ts";

const beganAt = "2026-11-26T12:10:31.632Z";
const time = { beganAt, seconds: 185.2, endedAt: null };

it("says when a build began and how long it was at work, and what is not known of its end", () => {
  expect(timeText({ ...time, state: "running" })).toBe(
    "began 2026-11-26 12:10:31 UTC, at work for 3 min 05 s",
  );
  expect(timeText({ ...time, state: "ended", endedAt: "2026-11-26T12:13:36.832Z" })).toBe(
    "began 2026-11-26 12:10:31 UTC, ended after 3 min 05 s",
  );
  expect(timeText({ ...time, state: "unknown" })).toBe(
    "began 2026-11-26 12:10:31 UTC, last seen after 3 min 05 s; its end is not recorded",
  );
  expect(timeText({ state: "none", beganAt: null, seconds: 0, endedAt: null })).toBeNull();
});
