/**
 * Milliseconds that an answer asks us to wait, or null. `RateLimit: "resolvers";r=0;t=172` (the Hub's form: r requests
 * left, the window ends in t seconds) counts when a bucket is empty, otherwise `Retry-After` (seconds or a date).
 */
export function waitAskedMs(headers: Headers, nowMs: number): number | null {
  const asked = emptyBucketMs(headers.get("ratelimit")) ?? retryAfterMs(headers.get("retry-after"), nowMs);
  return asked === null ? null : Math.min(asked, longestMs);
}

/** Nobody means more than this; a date in a wrong time zone does not stop a build for a day. */
const longestMs = 3_600_000;

/** One second more than stated: the window's end is rounded down. */
function emptyBucketMs(text: string | null): number | null {
  let longest: number | null = null;
  for (const item of (text ?? "").split(",")) {
    const left = /;\s*r=(\d+)/.exec(item)?.[1];
    const seconds = /;\s*t=(\d+)/.exec(item)?.[1];
    if (left === undefined || seconds === undefined || Number(left) > 0) continue;
    longest = Math.max(longest ?? 0, (Number(seconds) + 1) * 1000);
  }
  return longest;
}

function retryAfterMs(text: string | null, nowMs: number): number | null {
  if (text === null) return null;
  if (/^\s*\d+\s*$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}
