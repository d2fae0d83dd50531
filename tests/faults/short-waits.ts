/** A killed worker's job is taken again after about the sum of the first two; and it may be killed often. */
export const shortWaits = {
  SHARDMILL_LOCK_MS: "1000",
  SHARDMILL_STALLED_MS: "500",
  SHARDMILL_STALLED_COUNT: "1000",
};
