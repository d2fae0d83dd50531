import { z } from "zod";
import { overlaps } from "../keys/related-keys.ts";
import { leftOutByReason } from "../plan/left-out-by-reason.ts";
import type { MixPlan, PlannedSet } from "../plan/mix-plan.ts";
import { mixFiles } from "./mix-files.ts";

const countSchema = z.int().nonnegative();
const sumsSchema = z.object({
  shards: countSchema,
  samples: countSchema,
  frames: countSchema,
  tokens: z.object({ all: countSchema, loss: countSchema }).nullable(),
  durationMs: countSchema.nullable(),
  bytes: countSchema,
});

/** mixes/<name>/mix.json: what was published, for whoever reads it and for telling what has changed since. */
export const mixRecordSchema = z.object({
  version: z.literal(1),
  name: z.string(),
  title: z.string(),
  identity: z.string(),
  sums: sumsSchema,
  sets: z.array(
    z.object({
      dataset: z.string(),
      entry: z.string(),
      role: z.enum(["set", "text"]),
      weight: z.union([z.literal("natural"), z.number()]),
      share: z.number(),
      sums: sumsSchema,
      recipe: z.object({ name: z.string().nullable(), hash: z.string() }),
      tokenizer: z.string().nullable(),
      source: z.object({ name: z.string(), revision: z.string().nullable() }),
      excluded: z.array(z.string()),
      /** How many are left out for each reason. */
      leftOut: z.record(z.string(), countSchema).default({}),
      /** Of `excluded`: the keys of samples that are related to an output, by their reason. */
      related: z.record(z.string(), z.array(z.string())).default({}),
      /** With their sha256. */
      shards: z.record(z.string(), z.string()),
    }),
  ),
  /** Outputs that it has nothing in common with. */
  decontaminated: z.array(z.string()).default([]),
  notes: z.array(z.string()),
  /** The other files of the mix's folder. */
  files: z.array(z.string()),
});
export type MixRecord = z.output<typeof mixRecordSchema>;

export function mixRecord(plan: MixPlan): MixRecord {
  const { name, title, identity, sums, sets, notes, decontaminated } = plan;
  return {
    version: 1,
    name,
    title,
    identity,
    sums,
    sets: sets.map(recordedSet),
    decontaminated: [...decontaminated],
    notes: [...notes],
    files: mixFiles(plan).map(({ path }) => path),
  };
}

function recordedSet(set: PlannedSet): MixRecord["sets"][number] {
  const { facts, role, weight, share, sums, excluded, shards } = set;
  return {
    dataset: facts.name,
    entry: facts.entry,
    role,
    weight,
    share,
    sums,
    recipe: { name: facts.recipeName, hash: facts.recipeHash },
    tokenizer: facts.tokenizer?.identity.tokenizer ?? null,
    source: { name: facts.source.name, revision: facts.source.revision },
    excluded: excluded.map(({ key }) => key).toSorted(),
    leftOut: leftOutByReason([set]),
    related: relatedOf(set),
    shards: Object.fromEntries(shards.map(({ shard, sha256 }) => [shard, sha256])),
  };
}

/** By reasons, and within each by key. */
function relatedOf({ excluded }: PlannedSet): Record<string, string[]> {
  const related: Record<string, string[]> = {};
  const byReason = excluded
    .filter(({ reason }) => reason.startsWith(overlaps))
    .map(({ reason, key }) => ({ reason, key }));
  for (const { reason, key } of byReason.toSorted(
    (a, b) => inOrder(a.reason, b.reason) || inOrder(a.key, b.key),
  )) {
    const keys = related[reason] ?? [];
    keys.push(key);
    related[reason] = keys;
  }
  return related;
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
