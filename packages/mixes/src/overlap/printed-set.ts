import { type Dataset, groupOfLine, keyOfMember } from "@shardmill/core";
import { readGroups } from "@shardmill/pipeline";
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

type PrintedPart = Pick<ShardFacts, "shard" | "subset" | "sha256"> & {
  /** Samples that nobody is to read: they are compared with nothing. */
  readonly withdrawn?: readonly { readonly key: string }[];
};

/** `dataset`: whose rules tell groups, the catalogue's entry of today where there is one. */
export type PrintedOutput = Pick<OutputFacts, "name" | "entry" | "media"> & {
  readonly dataset: Pick<Dataset, "group" | "media">;
};

/** What is compared of an output: the prints of these of its shards, which are made where they are not there yet. */
export async function printedSet(
  records: Records,
  { name, entry, media, dataset }: PrintedOutput,
  shards: readonly PrintedPart[],
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
      const groups = await groupsOf(records, dataset, facts, stop);
      const withdrawn = new Set((facts.withdrawn ?? []).map(({ key }) => key));
      const read = samples.filter(({ key }) => !withdrawn.has(key));
      return read.map(
        (sample): ComparedSample => ({ ...sample, group: groups.get(keyOfMember(sample.key)) ?? null }),
      );
    },
  };
}

/**
 * Groups of a shard's members, by their keys. Where only the picture would tell, it is not asked: pictures are compared by themselves, and
 * every look at an old output would read its tars.
 */
async function groupsOf(
  records: Records,
  dataset: PrintedOutput["dataset"],
  { shard, subset }: Pick<ShardFacts, "shard" | "subset">,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const groups = new Map<string, string>();
  if (dataset.media === "video") {
    const manifest = await records.readManifest(shard);
    const of = manifest.kind === "ok" ? manifest.value : { shard, subset };
    for await (const { line, group } of readGroups(records, dataset, of, signal))
      groups.set(keyOfMember(line.key), group);
    return groups;
  }
  for await (const line of records.readLedger(shard, signal)) {
    const group = line.outcome === "packed" && line.key !== null ? groupOfLine(dataset, subset, line) : null;
    if (group !== null) groups.set(keyOfMember(line.key ?? ""), group);
  }
  return groups;
}
