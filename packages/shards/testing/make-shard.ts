import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countLines, type LedgerLine, type Manifest } from "@shardmill/core";
import { openRecords, openStore, type Records, type Store } from "@shardmill/store";
import sharp from "sharp";
import { aLedgerLine, aManifest } from "../../core/testing/records.ts";
import type { Sample } from "../src/look/sample.ts";
import type { FinishedShard } from "../src/write/finished-shard.ts";
import { openShardWriter } from "../src/write/open-shard-writer.ts";
import type { ShardWriter } from "../src/write/shard-writer.ts";

export const never = new AbortController().signal;
export const dataset = "toy";

export async function tempFolder(): Promise<{ path: string; [Symbol.asyncDispose](): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "shards-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export async function openToy(root: string): Promise<{ store: Store; records: Records }> {
  const store = await openStore(root);
  return { store, records: openRecords(store, dataset) };
}

let cachedJpeg: Buffer | null = null;

export async function jpeg(): Promise<Buffer> {
  cachedJpeg ??= await sharp({ create: { width: 32, height: 32, channels: 3, background: "#345" } })
    .jpeg()
    .toBuffer();
  return cachedJpeg;
}

export async function makeSample(
  key: string,
  frames: number,
  extra: Record<string, unknown> = {},
): Promise<Sample> {
  const bytes = await jpeg();
  const metadata = {
    caption: `what ${key} shows`,
    frame_count: frames,
    frame_times: [],
    source: "toy",
    ...extra,
  };
  const images = Array.from({ length: frames }, (_, at) => ({
    suffix: `${String(at).padStart(3, "0")}.jpg`,
    bytes,
  }));
  return { key, members: [...images, { suffix: "json", bytes: Buffer.from(JSON.stringify(metadata)) }] };
}

export function keyOf(part: number, position: number): string {
  return `toy-p${String(part).padStart(4, "0")}-${String(position).padStart(6, "0")}`;
}

export function line(position: number, over: Partial<LedgerLine> = {}): LedgerLine {
  return aLedgerLine({ position, ...over });
}

export function manifestOf(shard: string, finished: FinishedShard, ledger: readonly LedgerLine[]): Manifest {
  const [, part = "0", range] = /-p(\d+)-(\d+|r\d+)$/.exec(shard) ?? [];
  return aManifest({
    shard,
    part: Number(part),
    range: range?.startsWith("r") ? null : Number(range ?? 0),
    supplement: range?.startsWith("r") ? Number(range.slice(1)) : null,
    first: ledger[0]?.position ?? 0,
    last: ledger.at(-1)?.position ?? 0,
    tar: finished.tar,
    samples: finished.samples,
    frames: finished.frames,
    firstKey: finished.firstKey,
    lastKey: finished.lastKey,
    counts: countLines(ledger),
    annotationsUsed: finished.samples,
  });
}

export interface MadeShard {
  readonly writer: ShardWriter;
  readonly finished: FinishedShard;
  readonly ledger: LedgerLine[];
  readonly manifest: Manifest;
}

/** A finished shard of part N whose positions follow `from`; positions in `failed` failed. */
export async function makeShard(
  records: Records,
  shard: string,
  options: { from?: number; count?: number; failed?: readonly number[]; frames?: number } = {},
): Promise<MadeShard> {
  const { from = 0, count = 3, failed = [], frames = 2 } = options;
  const part = Number(/-p(\d+)-/.exec(shard)?.[1] ?? 0);
  const writer = await openShardWriter(records.store, records.dataset, shard, { records });
  try {
    return await filled(writer, part, { from, count, failed, frames });
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

async function filled(
  writer: ShardWriter,
  part: number,
  { from, count, failed, frames }: { from: number; count: number; failed: readonly number[]; frames: number },
): Promise<MadeShard> {
  const ledger: LedgerLine[] = [];
  for (let position = from; position < from + count; position += 1) {
    const key = keyOf(part, position);
    if (failed.includes(position)) {
      const fate = {
        outcome: "failed",
        key: null,
        code: "decode_error",
        detail: "planted",
        frames: null,
      } as const;
      ledger.push(line(position, fate));
      continue;
    }
    await writer.add(await makeSample(key, frames));
    ledger.push(line(position, { key, frames }));
  }
  const finished = await writer.finish(never);
  return { writer, finished, ledger, manifest: manifestOf(writer.shard, finished, ledger) };
}

export async function commitToy(
  records: Records,
  shard: string,
  options: Parameters<typeof makeShard>[2] = {},
): Promise<Manifest> {
  const { writer, manifest, ledger } = await makeShard(records, shard, options);
  await writer.publish(manifest, ledger, never);
  return manifest;
}
