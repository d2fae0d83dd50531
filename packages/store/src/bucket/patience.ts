import { systemClock } from "@shardmill/core";
import { answerError, bucketFailure, isPassing } from "./bucket-failure.ts";

/** How long requests are tried, in tests shorter. */
export interface Patience {
  readonly attempts: number;
  readonly firstBackoffMs: number;
  /** Nothing sent and nothing received for this long is a connection that is lost. */
  readonly idleMs: number;
}

/** About two minutes of a store that answers 503: what is longer is the queue's to wait for. */
export const usualPatience: Patience = { attempts: 10, firstBackoffMs: 250, idleMs: 60_000 };

/** For somebody who waits for the answer. */
export const briefPatience: Patience = { attempts: 4, firstBackoffMs: 250, idleMs: 10_000 };

const longestBackoffMs = 20_000;
const never = new AbortController().signal;

/** Runs a request until it goes through, or until nothing is to be hoped for. */
export async function patiently<T>(
  patience: Patience,
  told: { readonly doing: string; readonly path: string; readonly signal?: AbortSignal | null },
  request: () => Promise<T>,
): Promise<T> {
  const signal = told.signal ?? never;
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await request();
    } catch (error) {
      signal.throwIfAborted();
      if (attempt >= patience.attempts || !isPassing(answerError(error)))
        throw bucketFailure(error, told.doing, told.path);
    }
    // Many workers that were refused together come back apart.
    const mostMs = Math.min(longestBackoffMs, patience.firstBackoffMs * 2 ** (attempt - 1));
    await systemClock.sleep(mostMs * (0.5 + Math.random() / 2), signal);
  }
}
