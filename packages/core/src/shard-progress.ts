import { z } from "zod";

/** What a shard that is being made tells of itself, on its job: totals since its job began. */
export const shardProgressSchema = z.object({
  shard: z.string(),
  /** The member that the shard waits for now: of those in work, the first in archive order. */
  member: z.string().nullable().default(null),
  /** Members with a fate. */
  done: z.number(),
  /** Members that it must account for; null where only the stream can say. */
  of: z.number().nullable(),
  packed: z.number(),
  failed: z.number(),
  frames: z.number(),
  bytesRead: z.number(),
  decodeSeconds: z.number(),
});
export type ShardProgress = z.output<typeof shardProgressSchema>;
