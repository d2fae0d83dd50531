/** Every wait and limit of the queue in one place, so that tests of lost workers take seconds. Times are milliseconds. */
export interface QueueSettings {
  /** In front of every Redis key. Two prefixes on one Redis do not see each other. */
  readonly prefix: string;
  /** A worker that has not renewed its lock for this long has lost its job. */
  readonly lockDurationMs: number;
  /** How often jobs without a lock are looked for. A job of a killed worker is taken again after about the sum of the two. */
  readonly stalledIntervalMs: number;
  /** A job whose worker was lost more often than this ends as `worker_lost`. */
  readonly maxStalledCount: number;
  /** Attempts of a job that fails with a retryable code. */
  readonly attempts: number;
  /** First wait before a retry; it doubles up to `backoffMaxMs`. */
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
  /** A paused build's job looks again after this long; resuming wakes it at once. */
  readonly pauseRecheckMs: number;
  /** Wait before a job that met a full disk, or an output that is away, is tried again. */
  readonly fullDiskWaitMs: number;
  /** A worker of another version or output that refused a job takes none for this long; it doubles up to `refusedMaxWaitMs`. */
  readonly refusedWaitMs: number;
  readonly refusedMaxWaitMs: number;
  /** Wait of all workers after `source_rate_limited` without a time of its own. */
  readonly rateLimitWaitMs: number;
  /** A change of control is told at once; it is also looked for this often, since a message can be lost. */
  readonly controlPollMs: number;
  readonly progressEveryMs: number;
  /** Progress of a shard that nobody renewed is forgotten after this long. */
  readonly progressTtlMs: number;
  /** A worker that has not beaten for this long is not listed. */
  readonly beatTtlMs: number;
  /** `close` without drain ends within this time. */
  readonly closeWithinMs: number;
  /** How long the first connection may take. */
  readonly connectWithinMs: number;
  /** Ended jobs are kept this long, so that enqueuing them again is refused. */
  readonly keepEndedS: number;
  /** Larger live events are not sent. */
  readonly eventMaxBytes: number;
}

export const defaultQueueSettings: QueueSettings = Object.freeze({
  prefix: "shardmill",
  lockDurationMs: 30_000,
  stalledIntervalMs: 15_000,
  maxStalledCount: 20,
  attempts: 5,
  backoffBaseMs: 1_000,
  backoffMaxMs: 300_000,
  pauseRecheckMs: 60_000,
  fullDiskWaitMs: 30_000,
  refusedWaitMs: 2_000,
  refusedMaxWaitMs: 30_000,
  rateLimitWaitMs: 30_000,
  controlPollMs: 5_000,
  progressEveryMs: 1_000,
  progressTtlMs: 300_000,
  beatTtlMs: 10_000,
  closeWithinMs: 9_000,
  connectWithinMs: 5_000,
  keepEndedS: 7 * 24 * 3600,
  eventMaxBytes: 8_192,
});
