import { z } from "zod";

/** Figures of one kind, as their mean and its uncertainty need them. */
const sumsSchema = z.object({
  count: z.int().nonnegative(),
  sum: z.number().nonnegative(),
  squares: z.number().nonnegative(),
});
export type Sums = z.output<typeof sumsSchema>;

/** How the members of a shard came: what an estimate of a larger build goes by. */
const memberPaceSchema = z.object({
  /** Seconds from the beginning to the first of them, and from each to the next. */
  firstS: z.number().nonnegative(),
  steps: sumsSchema,
  /** Samples that each gave, and the bytes of each sample in the tar. */
  gave: sumsSchema,
  bytes: sumsSchema,
});
export type MemberPace = z.output<typeof memberPaceSchema>;

/** How a shard was made. */
export const shardMadeSchema = z.object({
  source: z.string(),
  revision: z.string().nullable(),
  worker: z.string(),
  committedAt: z.string(),
  seconds: z.number(),
  bytesRead: z.int().nonnegative(),
  retriedClips: z.int().nonnegative(),
  /** Not there: it was made before this was recorded. */
  pace: memberPaceSchema.optional(),
});
