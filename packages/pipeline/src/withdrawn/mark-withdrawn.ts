import {
  type BuildRecord,
  countLines,
  Failure,
  type Manifest,
  naturalOrder,
  type Withdrawals,
} from "@shardmill/core";
import {
  type LocatedSample,
  locatedFrames,
  type OpenShard,
  openShard,
  readSampleJson,
  tokensOfSample,
  withoutSamples,
} from "@shardmill/shards";
import { changeFile, type Records } from "@shardmill/store";
import { findWithdrawn, type OnlyIn, type ShardToMark } from "./find-withdrawn.ts";
import { readWithdrawals } from "./read-withdrawals.ts";

type WithdrawnSample = NonNullable<Manifest["withdrawn"]>[number];

/** As often as a shard is looked at anew because another was committed under its name meanwhile. */
const mostRounds = 20;

/**
 * Marks what is withdrawn by now in the shards that do not say it yet. One that cannot be read ends it, unless `onUnread`
 * is told of it.
 */
export async function markFound(
  records: Records,
  all: Withdrawals,
  only: OnlyIn,
  signal: AbortSignal,
): Promise<Manifest[]> {
  const marked: Manifest[] = [];
  let shards = only.shards ?? null;
  for (let round = 0; round < mostRounds; round += 1) {
    const others = new Set<string>();
    for await (const shard of findWithdrawn(records, all, { ...only, shards }, signal)) {
      const now = await markOrTell(records, shard, only, signal);
      if (now === "another") others.add(shard.manifest.shard);
      else if (now !== null) marked.push(now);
    }
    if (others.size === 0) return marked;
    shards = others;
  }
  const [shard = ""] = shards ?? [];
  throw new Failure("output_conflict", `${shard} is committed by others again and again`, {
    where: { dataset: records.dataset, shard },
    retry: "later",
  });
}

async function markOrTell(
  records: Records,
  shard: ShardToMark,
  { onUnread }: OnlyIn,
  signal: AbortSignal,
): Promise<Manifest | "another" | null> {
  try {
    return await markWithdrawn(records, shard, signal);
  } catch (error) {
    if (onUnread === undefined || !(error instanceof Failure) || !isOfShard(error)) throw error;
    onUnread(shard.manifest.shard, error);
    return null;
  }
}

/**
 * Writes down that samples of a shard are withdrawn, and leaves its tar as it is: first DALI's index, by which they are read,
 * then the manifest, then the ledger. Whoever was killed in between does it again: what the manifest does not name yet, or the
 * ledger calls packed, is still found.
 */
async function markWithdrawn(
  records: Records,
  { manifest, members, lines }: ShardToMark,
  signal: AbortSignal,
): Promise<Manifest | "another"> {
  const keys = members.flatMap(({ samples }) => samples.map(({ key }) => key));
  const read = keys.length === 0 ? [] : await readFigures(records, manifest, keys, signal);
  const withdrawn = [...(manifest.withdrawn ?? []), ...read].sort((a, b) => naturalOrder(a.key, b.key));
  const marked: Manifest = {
    ...manifest,
    counts: countLines(lines),
    ...(withdrawn.length > 0 && { withdrawn }),
  };
  await withoutDaliLines(records, marked);
  if ((await records.changeManifest(manifest, marked)) === "another") return "another";
  // In a bucket a twin that commits the very shard again may have put its index there in between.
  if (records.store.conditional !== null) await withoutDaliLines(records, marked);
  const after = new Map(members.map(({ before, after: line }) => [before.position, line]));
  await records.changeLedger(manifest.shard, (line) => after.get(line.position) ?? line);
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
  return markFound(output.records, all, { onUnread: () => undefined, ...only }, signal);
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
  const keys = new Set(withdrawn.map(({ key }) => key));
  await changeFile(store, paths.daliIndex(shard), (index) =>
    index === null ? null : withoutSamples(Buffer.from(index).toString("utf8"), keys),
  );
}
