import { expect, it } from "vitest";
import { isTransientStatus, type RetryBounds, retryStep, type Setback } from "./retry-rule.ts";

const bounds: RetryBounds = {
  maxAttempts: 4,
  firstBackoffMs: 500,
  longestWaitMs: Number.POSITIVE_INFINITY,
  doRateLimitsCount: false,
};
const fault: Setback = { isRateLimit: false, waitMs: null, isExpected: false };
const limit: Setback = { ...fault, isRateLimit: true };
const step = (
  setback: Setback,
  attempts: number,
  rateLimits = 0,
  more: Partial<RetryBounds> = {},
  random = 0,
) => retryStep(setback, { attempts, rateLimits }, { ...bounds, ...more }, () => random);

it("doubles the wait up to half a minute, down to half of it by chance, and gives up after so many in a row", () => {
  const waits = [1, 2, 3, 9].map((attempts) => step(fault, attempts, 0, { maxAttempts: 10 }));
  expect(waits.map((wait) => wait.kind === "wait" && wait.waitMs)).toEqual([500, 1000, 2000, 30_000]);
  expect(step(fault, 1, 0, {}, 1)).toEqual({ kind: "wait", waitMs: 250, who: "this-one" });
  expect(step(fault, 4)).toEqual({ kind: "give-up" });
});

it("keeps to a wait that was asked for, and lets everybody keep to it", () => {
  expect(step({ ...fault, waitMs: 7000 }, 1)).toEqual({ kind: "wait", waitMs: 7000, who: "everybody" });
  expect(step({ ...limit, waitMs: 172_000 }, 0, 1)).toEqual({
    kind: "wait",
    waitMs: 172_000,
    who: "everybody",
  });
  // A pace of nothing is none.
  expect(step({ ...limit, waitMs: 0 }, 0, 1)).toEqual({ kind: "wait", waitMs: 1000, who: "everybody" });
});

it("gives up what is asked to wait too long, and counts rate limits where that is said", () => {
  const asked = { ...limit, waitMs: 60_001 };
  expect(step(asked, 0, 1)).toMatchObject({ kind: "wait" });
  expect(step(asked, 0, 1, { longestWaitMs: 60_000 })).toEqual({ kind: "give-up" });
  expect(step(limit, 0, 50)).toMatchObject({ kind: "wait" });
  expect(step(limit, 1, 3, { doRateLimitsCount: true })).toEqual({ kind: "give-up" });
});

it("waits for nothing where the next attempt mends it, once in a row", () => {
  expect(step({ ...fault, isExpected: true }, 1)).toEqual({ kind: "wait", waitMs: 0, who: "this-one" });
  expect(step({ ...fault, isExpected: true }, 2)).toMatchObject({ waitMs: 1000 });
});

it("knows which answers may be others a little later", () => {
  const statuses = [200, 400, 401, 403, 404, 408, 410, 416, 425, 429, 451, 500, 502, 503, 504, 521];
  expect(statuses.filter(isTransientStatus)).toEqual([408, 425, 429, 500, 502, 503, 504, 521]);
});
