import { type PrintOf, printsOfShard } from "@shardmill/shards";
import type { Records } from "@shardmill/store";
import type { OutputFacts, ShardFacts } from "../facts/output-facts.ts";
import type { ComparedSample, ComparedSet } from "./compared-set.ts";

/** How far the prints of a set are. */
export interface PrintsProgress {
  readonly name: string;
  readonly done: number;
  readonly of: number;
  /** Shards whose tar was read: the others' prints were kept beside the records. */
  readonly made: number;
}

interface PrintedSetOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: PrintsProgress) => void;
  readonly printOf?: PrintOf;
}

/** What is compared of an output: the prints of these of its shards, which are made where they are not there yet. */
export async function printedSet(
  records: Records,
  { name, entry, media }: Pick<OutputFacts, "name" | "entry" | "media">,
  shards: readonly Pick<ShardFacts, "shard" | "subset" | "sha256">[],
  { signal, onProgress, ...options }: PrintedSetOptions,
): Promise<ComparedSet> {
  const byName = new Map(shards.map((shard) => [shard.shard, { ...shard, media }]));
  let made = 0;
  for (const [done, shard] of [...byName.values()].entries()) {
    onProgress?.({ name, done, of: byName.size, made });
    const { isMade } = await printsOfShard(records, shard, { signal, ...options });
    if (isMade) made += 1;
  }
  onProgress?.({ name, done: byName.size, of: byName.size, made });
  return {
    name,
    entry,
    shards: shards.map(({ shard, subset }) => ({ shard, subset })),
    read: async (shard, stop) => {
      const facts = byName.get(shard);
      if (facts === undefined) return [];
      const { samples } = await printsOfShard(records, facts, { signal: stop, ...options });
      return samples.map((sample): ComparedSample => ({ ...sample, group: null }));
    },
  };
}
