import { type Code, isCode } from "@shardmill/core";
import { z } from "zod";

const codeSchema = z
  .string()
  .refine(isCode)
  .transform((code) => code as Code);

/** What a request wants of one part; travels with its job. */
export const partOrderSchema = z.discriminatedUnion("kind", [
  /** Make every shard that has no valid manifest. */
  z.object({ kind: z.literal("missing") }),
  /** Drop the part's shards and records first. */
  z.object({ kind: z.literal("rebuild") }),
  /** Plan the part anew from what the source has now, keep the shards whose members and records are the same, make the others. */
  z.object({ kind: z.literal("stale") }),
  /** Mill again the samples that failed with one of these codes, into a supplement. */
  z.object({ kind: z.literal("failed-samples"), codes: z.array(codeSchema) }),
  /** Make these shards again, packing exactly what their ledgers call packed. */
  z.object({ kind: z.literal("repair"), shards: z.array(z.string()) }),
]);
export type PartOrder = z.output<typeof partOrderSchema>;

/** One shard job of a part. */
export const shardTaskSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("range"), range: z.int().nonnegative() }),
  /** A stream-only part: one job streams the archive once and cuts ranges as it goes. */
  z.object({ kind: z.literal("stream") }),
  z.object({ kind: z.literal("supplement"), number: z.int().positive(), codes: z.array(codeSchema) }),
  z.object({ kind: z.literal("repair"), shard: z.string() }),
]);
export type ShardTask = z.output<typeof shardTaskSchema>;

/** A short name of a task within its part, for job ids and messages. */
export function taskLabel(task: ShardTask): string {
  switch (task.kind) {
    case "range":
      return String(task.range).padStart(4, "0");
    case "stream":
      return "stream";
    case "supplement":
      return `r${String(task.number).padStart(2, "0")}`;
    case "repair":
      return `fix_${task.shard.slice(task.shard.lastIndexOf("-") + 1)}`;
  }
}
