import { keyOfMember } from "@shardmill/core";
import { readRecord, recordPaths, recordText, type Store } from "@shardmill/store";
import { z } from "zod";

/** A sample that no mix may hold: chosen for validation, or of a group of which others are. */
const splitSampleSchema = z.object({
  /** The output that it lies in, and its shard there. */
  output: z.string(),
  shard: z.string(),
  key: z.string(),
  group: z.string(),
  isChosen: z.boolean(),
});
export type SplitSample = z.output<typeof splitSampleSchema>;

/** `.shardmill/split.json` of an output that a split has made: what it is of, and what mixes leave out for it. */
const splitRecordSchema = z.object({
  version: z.literal(1),
  name: z.string(),
  /** Of the file and all that was chosen and left out: what another run would make. */
  identity: z.string(),
  /** sha256 of the shards that were looked at, by output. */
  seen: z.record(z.string(), z.record(z.string(), z.string())),
  samples: z.array(splitSampleSchema),
});
export type SplitRecord = z.output<typeof splitRecordSchema>;

function pathOf(name: string): string {
  return `${recordPaths(name).records}/split.json`;
}

/** Null where the output is not of a split, or there is none. */
export function readSplit(store: Store, name: string): Promise<SplitRecord | null> {
  return readRecord(store, pathOf(name), splitRecordSchema);
}

export function writeSplit(store: Store, record: SplitRecord): Promise<void> {
  return store.put(pathOf(record.name), recordText(record));
}

/** What mixes go by. */
export interface KnownSplit extends Pick<SplitRecord, "name" | "seen"> {
  readonly groups: ReadonlySet<string>;
  /** Of the members that were chosen, whatever output they lie in. */
  readonly members: ReadonlySet<string>;
  /** By shard: `<output>/<shard>`. */
  readonly byShard: ReadonlyMap<string, readonly string[]>;
}

/** Those of all outputs of a root. */
export async function knownSplits(store: Store): Promise<KnownSplit[]> {
  const known: KnownSplit[] = [];
  for (const name of (await store.listFolders("")).filter((folder) => !folder.startsWith("."))) {
    const record = await readSplit(store, name);
    if (record !== null) known.push(knownSplit(record));
  }
  return known;
}

function knownSplit({ name, seen, samples }: SplitRecord): KnownSplit {
  const byShard = new Map<string, string[]>();
  for (const { output, shard, key } of samples) {
    const place = `${output}/${shard}`;
    const keys = byShard.get(place);
    if (keys === undefined) byShard.set(place, [key]);
    else keys.push(key);
  }
  const groups = new Set(samples.map(({ group }) => group));
  return { name, seen, groups, members: new Set(samples.map(({ key }) => keyOfMember(key))), byShard };
}
