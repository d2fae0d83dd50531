import { type BuildRecord, countLines, Failure, type Manifest, naturalOrder } from "@shardmill/core";
import {
  type LocatedSample,
  locatedFrames,
  type OpenShard,
  openShard,
  readSampleJson,
  tokensOfSample,
  withoutSamples,
} from "@shardmill/shards";
import type { Records } from "@shardmill/store";
import { findWithdrawn, type OnlyIn, type ShardToMark } from "./find-withdrawn.ts";
import { readWithdrawals } from "./read-withdrawals.ts";

type WithdrawnSample = NonNullable<Manifest["withdrawn"]>[number];

/**
 * Writes down that samples of a shard are withdrawn, and leaves its tar as it is: DALI's index, by which they are read, then the
 * manifest, then the ledger. Whoever was killed in between does it again: what the ledger calls packed is still found.
 */
export async function markWithdrawn(
  records: Records,
  { manifest, members, lines }: ShardToMark,
  signal: AbortSignal,
): Promise<Manifest> {
  const keys = members.flatMap(({ samples }) => samples.map(({ key }) => key));
  const read = keys.length === 0 ? [] : await readFigures(records, manifest, keys, signal);
  const withdrawn = [...(manifest.withdrawn ?? []), ...read].sort((a, b) => naturalOrder(a.key, b.key));
  const marked: Manifest = {
    ...manifest,
    counts: countLines(lines),
    ...(withdrawn.length > 0 && { withdrawn }),
  };
  await withoutDaliLines(records, marked);
  await records.replaceManifest(marked);
  await records.writeLedger(manifest.shard, lines);
  return marked;
}

/**
 * All shards that do not say it yet: of what was withdrawn from here, and from where the samples are taken. One that cannot be read has
 * to be made again, and is made without.
 */
export async function markAllWithdrawn(
  output: { readonly records: Records; readonly build: BuildRecord },
  only: OnlyIn,
  signal: AbortSignal,
): Promise<Manifest[]> {
  const { all } = await readWithdrawals(output);
  const marked: Manifest[] = [];
  const onUnread = (): void => undefined;
  for await (const shard of findWithdrawn(output.records, all, { onUnread, ...only }, signal)) {
    try {
      marked.push(await markWithdrawn(output.records, shard, signal));
    } catch (error) {
      if (!(error instanceof Failure) || !isOfShard(error)) throw error;
    }
  }
  return marked;
}

/** A tar that is damaged or gone, as against a disk that is full. */
function isOfShard({ code }: Failure): boolean {
  return code === "shard_invalid" || code === "wrong_use";
}

async function readFigures(
  records: Records,
  { shard, durationMs }: Manifest,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<WithdrawnSample[]> {
  await using tar = await openShard({ store: records.store, path: records.paths.tar(shard) });
  const read: WithdrawnSample[] = [];
  for await (const sample of samplesOf(tar, keys, signal)) {
    const { key } = sample;
    const json = await readSampleJson(tar, sample, shard);
    const { duration } = json;
    read.push({
      key,
      frames: locatedFrames(sample.members, json).length,
      tokens: tokensOfSample(json),
      durationMs:
        durationMs !== undefined && typeof duration === "number" ? Math.round(duration * 1000) : null,
    });
  }
  return read;
}

/** By the index each is a dozen reads away; of more than a fifth of the samples one walk over the tar finds all sooner. */
const walkFrom = 0.2;

async function* samplesOf(
  tar: OpenShard,
  keys: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<LocatedSample> {
  if (keys.length > (tar.samples ?? 0) * walkFrom) {
    const wanted = new Set(keys);
    for await (const sample of tar.list(signal)) if (wanted.has(sample.key)) yield sample;
    return;
  }
  for (const key of keys) {
    const sample = await tar.find(key, signal);
    if (sample !== null) yield sample;
  }
}

async function withoutDaliLines(
  { store, paths }: Records,
  { shard, withdrawn = [] }: Manifest,
): Promise<void> {
  if (withdrawn.length === 0) return;
  const index = await store.read(paths.daliIndex(shard));
  if (index === null) return;
  const text = withoutSamples(Buffer.from(index).toString("utf8"), new Set(withdrawn.map(({ key }) => key)));
  await store.put(paths.daliIndex(shard), text);
}
