import type { MediaKind } from "@shardmill/core";
import { putLines, type Records } from "@shardmill/store";
import { openShard } from "../look/open-shard.ts";
import type { LocatedSample } from "../look/tar-header-walk.ts";
import { printOfJpeg } from "./difference-hash.ts";
import { type PrintOf, type SamplePrints, samplePrints } from "./sample-prints.ts";

/** Another way to make prints is another version: what is kept of it is of no use. */
const printsVersion = 1;
const samplesAtOnce = 16;

export interface PrintedShard {
  readonly shard: string;
  /** Of its tar, as its manifest says. */
  readonly sha256: string;
  readonly media: MediaKind;
}

export interface PrintsOptions {
  readonly signal: AbortSignal;
  readonly printOf?: PrintOf;
}

/**
 * The prints of a shard's samples, in its order: kept beside the records by the shard's sha256, else made in one pass over the tar.
 * Memory is that of one shard's prints. `isMade`: the tar was read.
 */
export async function printsOfShard(
  records: Records,
  shard: PrintedShard,
  options: PrintsOptions,
): Promise<{ readonly samples: readonly SamplePrints[]; readonly isMade: boolean }> {
  const kept = await keptPrints(records, shard);
  if (kept !== null) return { samples: kept, isMade: false };
  const samples = await madePrints(records, shard, options);
  const head = { version: printsVersion, sha256: shard.sha256, samples: samples.length };
  await putLines(records.store, records.paths.prints(shard.shard), [head, ...samples]);
  return { samples, isMade: true };
}

async function madePrints(
  { store, paths }: Records,
  { shard, media }: PrintedShard,
  { signal, printOf = printOfJpeg }: PrintsOptions,
): Promise<SamplePrints[]> {
  await using tar = await openShard({ store, path: paths.tar(shard) });
  const made: SamplePrints[] = [];
  let some: LocatedSample[] = [];
  const printed = (): Promise<SamplePrints[]> =>
    Promise.all(some.map((sample) => samplePrints(tar, sample, { shard, media, printOf })));
  for await (const sample of tar.list(signal)) {
    some.push(sample);
    if (some.length < samplesAtOnce) continue;
    made.push(...(await printed()));
    some = [];
  }
  return [...made, ...(await printed())];
}

/** Null where they are of another tar, of another version, or damaged: then they are made again. */
async function keptPrints({ store, paths }: Records, shard: PrintedShard): Promise<SamplePrints[] | null> {
  const bytes = await store.read(paths.prints(shard.shard));
  if (bytes === null) return null;
  const [first, ...lines] = Buffer.from(bytes).toString("utf8").trimEnd().split("\n");
  const head: unknown = parsed(first ?? "");
  if (!isHeadOf(head, shard.sha256) || head.samples !== lines.length) return null;
  const samples = lines.map(parsed);
  return samples.every(isSamplePrints) ? samples : null;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function isHeadOf(head: unknown, sha256: string): head is { readonly samples: unknown } {
  if (typeof head !== "object" || head === null || !("version" in head) || !("sha256" in head)) return false;
  return head.version === printsVersion && head.sha256 === sha256 && "samples" in head;
}

function isSamplePrints(value: unknown): value is SamplePrints {
  if (typeof value !== "object" || value === null) return false;
  if (!("key" in value && "pictures" in value && "frames" in value)) return false;
  const { key, pictures, frames } = value;
  return typeof key === "string" && areTexts(pictures) && areTexts(frames) && [0, 3].includes(frames.length);
}

function areTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
