import { createHash } from "node:crypto";
import {
  type BuildRecord,
  countLines,
  Failure,
  hashOf,
  type LedgerLine,
  type Manifest,
  parseExactJson,
  partLabel,
  shownIn,
} from "@shardmill/core";
import {
  framesOf,
  openShardWriter,
  readSamples,
  type Sample,
  type ShardWriter,
  standingManifest,
} from "@shardmill/shards";
import type { Records } from "@shardmill/store";
import { readWithdrawals } from "./read-withdrawals.ts";

/**
 * Makes a shard again without the samples that its manifest calls withdrawn, from its own bytes: nothing is decoded, and all other
 * samples stay as they are. It takes its place as any shard does that is made again: the old one goes just before the new one is
 * committed. Killed between the two, the range has no shard that counts, and whoever comes next commits it from its draft (finish-left.ts).
 */
export async function rewriteShard(
  { records, build }: { readonly records: Records; readonly build: BuildRecord },
  manifest: Manifest,
  worker: string,
  signal: AbortSignal,
): Promise<Manifest> {
  const { shard, withdrawn = [] } = manifest;
  const standing = await standingManifest(records, { shard });
  const { id } = await readWithdrawals({ records, build });
  const lines: LedgerLine[] = [];
  for await (const line of records.readLedger(shard, signal)) lines.push(line);
  await mustBeWhole(records, manifest, signal);
  const writer = await openShardWriter(records.store, records.dataset, shard, { records });
  try {
    await copySamples(records, { shard, gone: new Set(withdrawn.map(({ key }) => key)) }, writer, signal);
    const { tar, samples, frames, firstKey, lastKey } = await writer.finish(signal);
    const { tokens, durationMs } = shownIn(manifest);
    const { withdrawn: _, tokens: _tokens, durationMs: _duration, ...kept } = manifest;
    const rewritten: Manifest = {
      ...kept,
      ...{ tar, samples, frames, firstKey, lastKey },
      ...(tokens && samples > 0 && { tokens }),
      ...(durationMs !== undefined && samples > 0 && { durationMs }),
      made: { ...manifest.made, worker, committedAt: new Date().toISOString() },
    };
    mustFit(records, manifest, lines, samples);
    const end = await writer.publish(rewritten, lines, signal, {
      replaces: async () => standing,
      withdrawn: id,
    });
    if (end.kind === "committed" || end.same) return rewritten;
    throw new Failure("output_conflict", `${shard} was committed by another while it was made again`, {
      where: { dataset: records.dataset, shard },
    });
  } finally {
    await writer.discard();
  }
}

async function copySamples(
  { store, paths }: Records,
  { shard, gone }: { readonly shard: string; readonly gone: ReadonlySet<string> },
  writer: ShardWriter,
  signal: AbortSignal,
): Promise<void> {
  for await (const sample of readSamples({ store, path: paths.tar(shard) }, {}, signal)) {
    signal.throwIfAborted();
    if (!gone.has(sample.key)) await writer.add({ ...sample, frames: shownFrames(sample) });
  }
}

/** Where a layout fills samples up, they have more files than pictures. */
function shownFrames(sample: Sample): number {
  const json = sample.members.find(({ suffix }) => suffix === "json");
  const value = json === undefined ? null : parseExactJson(Buffer.from(json.bytes).toString("utf8")).value;
  return framesOf(sample, value).length;
}

/** What is damaged must not be copied into a shard with a right sha256 of its own. */
async function mustBeWhole(records: Records, manifest: Manifest, signal: AbortSignal): Promise<void> {
  const { shard, tar } = manifest;
  const path = records.paths.tar(shard);
  const hash = createHash("sha256");
  for await (const chunk of records.store.chunks(path, signal)) hash.update(chunk);
  if (tar !== null && hash.digest("hex") === tar.sha256) return;
  throw new Failure(
    "shard_invalid",
    `${path} is not what its manifest says: retry --corrupt makes it again`,
    {
      where: { dataset: records.dataset, part: partLabel(manifest), shard },
      retry: "never",
    },
  );
}

/** Before anything goes, what is to come must be such as can be committed. */
function mustFit(records: Records, manifest: Manifest, lines: readonly LedgerLine[], samples: number): void {
  const { shard, counts } = manifest;
  if (hashOf(countLines(lines)) === hashOf(counts) && samples === shownIn(manifest).samples) return;
  throw new Failure("shard_invalid", `${shard} and its records do not fit: retry --corrupt makes it again`, {
    where: { dataset: records.dataset, part: partLabel(manifest), shard },
    retry: "never",
  });
}
