import type { FilePlace } from "@shardmill/store";
import { type OpenShard, openShard } from "./open-shard.ts";
import type { Sample } from "./sample.ts";
import type { LocatedSample } from "./tar-header-walk.ts";

export interface ReadOptions {
  /** These samples, in the order given; one that is not there is left out. */
  readonly keys?: readonly string[];
  /** At most this many. */
  readonly limit?: number;
}

/** Samples with all their bytes, one at a time. */
export async function* readSamples(
  place: FilePlace,
  options: ReadOptions,
  signal: AbortSignal,
): AsyncGenerator<Sample> {
  await using shard = await openShard(place);
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  const located = options.keys === undefined ? shard.list(signal) : findAll(shard, options.keys, signal);
  for await (const sample of located) {
    if (left <= 0) return;
    left -= 1;
    yield await contentOf(shard, sample);
  }
}

/** Null when the shard has no such sample. */
export async function readSample(place: FilePlace, key: string, signal: AbortSignal): Promise<Sample | null> {
  for await (const sample of readSamples(place, { keys: [key] }, signal)) return sample;
  return null;
}

async function* findAll(
  shard: OpenShard,
  keys: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<LocatedSample> {
  for (const key of keys) {
    const sample = await shard.find(key, signal);
    if (sample !== null) yield sample;
  }
}

async function contentOf(shard: OpenShard, { key, members }: LocatedSample): Promise<Sample> {
  const read: { suffix: string; bytes: Uint8Array }[] = [];
  for (const member of members) read.push({ suffix: member.suffix, bytes: await shard.read(member) });
  return { key, members: read };
}
