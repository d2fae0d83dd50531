import { mediaKinds } from "@shardmill/core";
import { z } from "zod";

const count = z.int().nonnegative();
const known = z.enum(["yes", "no", "unknown"]);

const mixSumsSchema = z.object({
  shards: count,
  samples: count,
  frames: count,
  /** Of samples with tokens; null where none has. */
  tokens: z.object({ all: count, loss: count }).nullable(),
  /** Of the clips, milliseconds; null where a shard of clips does not say. */
  durationMs: count.nullable(),
  bytes: count,
});

const mixSetSchema = z.object({
  dataset: z.string(),
  role: z.enum(["set", "text"]),
  media: z.enum(mediaKinds),
  /** Of all samples that a reader draws, 0 to 1. */
  share: z.number(),
  sums: mixSumsSchema,
  /** Samples that are left out by key. */
  excluded: count,
  /** Of those how many for each reason: `listed`, `withdrawn`, `validation:<split>`, `overlaps:<output>`. */
  leftOut: z.record(z.string(), count),
  /** Subsets that it does not take. */
  leftOutSubsets: z.array(z.string()),
  commercial: known,
});

const mixSchema = z.object({
  name: z.string(),
  title: z.string(),
  /** Nothing keeps it from being published. */
  isReady: z.boolean(),
  sets: z.array(mixSetSchema),
  sums: mixSumsSchema,
  terms: z.object({ commercial: known, redistribution: known }),
  notes: z.array(z.string()),
  /** Outputs that it had nothing in common with when it was published; what was found then is left out. */
  decontaminated: z.array(z.string()),
  /** What keeps it from being ready, at the path of its key; a command that mends it, without its output folder. */
  problems: z.array(z.object({ path: z.string(), message: z.string(), command: z.string().nullable() })),
  /** Null: not published. Else what has changed since. */
  published: z.object({ changes: z.array(z.string()) }).nullable(),
  /** What publishes it as it is shown, without its output folder. */
  command: z.string(),
});
export type MixAnswer = z.output<typeof mixSchema>;

export const mixesSchema = z.object({
  mixes: z.array(mixSchema),
  /** Files that are no YAML. */
  invalid: z.array(z.object({ file: z.string(), problems: z.array(z.string()) })),
});
export type Mixes = z.output<typeof mixesSchema>;
