import { type Clock, systemClock } from "@shardmill/core";

/** A pace in bytes, shared by every reader that holds it. */
export interface Bandwidth {
  /** Resolves when this many more bytes may flow. */
  take(bytes: number, signal: AbortSignal): Promise<void>;
}

/**
 * A token bucket that may run into debt: a chunk is paid for after it came, and the next one waits for the debt.
 * So chunks larger than the bucket need no splitting. The bucket holds a tenth of a second.
 */
export function limitBandwidth(bytesPerSecond: number, clock: Clock = systemClock): Bandwidth {
  const burstBytes = bytesPerSecond / 10;
  let balanceBytes = burstBytes;
  let seenAt = clock.now();
  return {
    async take(bytes, signal) {
      const now = clock.now();
      balanceBytes = Math.min(burstBytes, balanceBytes + ((now - seenAt) / 1000) * bytesPerSecond);
      seenAt = now;
      balanceBytes -= bytes;
      if (balanceBytes < 0) await clock.sleep(Math.ceil((-balanceBytes / bytesPerSecond) * 1000), signal);
    },
  };
}
