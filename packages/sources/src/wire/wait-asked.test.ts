import { expect, it } from "vitest";
import { waitAskedMs } from "./wait-asked.ts";

const asked = (headers: Record<string, string>) => waitAskedMs(new Headers(headers), Date.UTC(2026, 0, 1));

it("reads Retry-After in seconds and as a date", () => {
  expect(asked({ "retry-after": "7" })).toBe(7000);
  expect(asked({ "retry-after": "Thu, 01 Jan 2026 00:00:30 GMT" })).toBe(30_000);
  expect(asked({ "retry-after": "Wed, 31 Dec 2025 00:00:00 GMT" })).toBe(0);
  expect(asked({ "retry-after": "soon" })).toBeNull();
});

it("waits for the end of the window when a RateLimit bucket is empty, and not while it holds something", () => {
  expect(asked({ ratelimit: '"resolvers";r=0;t=172' })).toBe(173_000);
  expect(asked({ ratelimit: '"resolvers";r=2999;t=172' })).toBeNull();
  expect(asked({ ratelimit: '"api";r=0;t=3, "resolvers";r=0;t=9' })).toBe(10_000);
  expect(asked({ ratelimit: '"resolvers";r=0;t=5', "retry-after": "60" })).toBe(6000);
});

it("asks for nothing without such headers, and never for more than an hour", () => {
  expect(asked({})).toBeNull();
  expect(asked({ "retry-after": "999999" })).toBe(3_600_000);
});
