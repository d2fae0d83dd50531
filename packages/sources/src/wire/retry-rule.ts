/** What an attempt that failed says about the next one. */
export interface Setback {
  /** The other side is well and asks for a slower pace. */
  readonly isRateLimit: boolean;
  /** Milliseconds that it asked us to wait, when it did. */
  readonly waitMs: number | null;
  /** A normal thing that the next attempt mends, such as an address that is used up: the first in a row waits for nothing. */
  readonly isExpected: boolean;
}

export interface RetryBounds {
  /** In a row, without progress. */
  readonly maxAttempts: number;
  /** Wait before the second attempt; doubles with each further one, up to 30 s. */
  readonly firstBackoffMs: number;
  /** Whoever asks for more is given up. A source is worth an hour, one link of a million is not. */
  readonly longestWaitMs: number;
  /** Whether an answer that asks for a slower pace uses up an attempt. */
  readonly doRateLimitsCount: boolean;
}

/** Setbacks in a row, the last one included. */
export interface SetbackCounts {
  readonly attempts: number;
  readonly rateLimits: number;
}

export type RetryStep =
  | { readonly kind: "give-up" }
  /** `everybody`: the other side named the wait, so that all who ask that host wait. */
  | { readonly kind: "wait"; readonly waitMs: number; readonly who: "everybody" | "this-one" };

/** Whether the same request may end otherwise a little later: too early, too often, or the server's own fault. */
export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/**
 * Whether to try again, and when: the one rule for listings, files and links. A wait that was asked for is kept; else each
 * is twice the one before, down to half of it by chance, so that workers that failed together do not come back together.
 */
export function retryStep(
  setback: Setback,
  { attempts, rateLimits }: SetbackCounts,
  bounds: RetryBounds,
  random: () => number,
): RetryStep {
  const tries = attempts + (bounds.doRateLimitsCount ? rateLimits : 0);
  if (tries >= bounds.maxAttempts) return { kind: "give-up" };
  const backoffMs = backoff(setback, { attempts, rateLimits }, bounds.firstBackoffMs, random);
  const { waitMs: asked, isRateLimit } = setback;
  // "Retry after 0 s", said again and again, would be a hot loop.
  const waitMs =
    asked === null ? backoffMs : isRateLimit && asked < 1000 ? Math.max(asked, backoffMs) : asked;
  if (waitMs > bounds.longestWaitMs) return { kind: "give-up" };
  return { kind: "wait", waitMs, who: isRateLimit || asked !== null ? "everybody" : "this-one" };
}

function backoff(
  { isRateLimit, isExpected }: Setback,
  { attempts, rateLimits }: SetbackCounts,
  firstBackoffMs: number,
  random: () => number,
): number {
  if (isExpected && attempts === 1) return 0;
  const count = isRateLimit ? rateLimits + 1 : attempts;
  const fullMs = Math.min(30_000, firstBackoffMs * 2 ** (count - 1));
  return Math.round(fullMs * (1 - random() / 2));
}
