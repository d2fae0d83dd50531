import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashOf, type MediaKind, partLabel, recipeSchema, sampleKey } from "@shardmill/core";
import { openRecords, openStore, type Store } from "@shardmill/store";
import {
  aBuildRecord,
  aDataset,
  aLedgerLine,
  aListedPart,
  aManifest,
  aPlan,
  aRange,
} from "../../core/testing/records.ts";
import { energonIndex } from "../../shards/src/write/energon-index.ts";
import { TarPacker } from "../../shards/src/write/tar-packer.ts";

/** A shard of an output that is made up: its samples by their positions. */
interface ToyShard {
  readonly subset?: string;
  readonly part?: number;
  readonly range?: number;
  /** Positions in the keys; one after the other from 0 unless given. */
  readonly positions?: readonly number[];
  /** Behind every key, such as `-t0`. */
  readonly suffix?: string;
  /** Samples of each member, `-t0`, `-t1` and so on; one without such an ending unless given. */
  readonly turns?: number;
  readonly durationMs?: number | null;
  readonly tokens?: { readonly all: number; readonly loss: number; readonly cut: number };
  /** Other bytes than those that its name gives. */
  readonly content?: string;
}

export interface ToyOutput {
  readonly name: string;
  readonly entry?: string;
  readonly keyPrefix?: string;
  readonly media?: MediaKind;
  readonly purpose?: "train" | "eval";
  readonly terms?: Parameters<typeof aDataset>[0];
  readonly recipe?: Parameters<typeof recipeSchema.parse>[0] & object;
  readonly tokenizer?: string;
  readonly shards: readonly ToyShard[];
}

const frames = 2;

/** A store in a folder of its own that goes with the test. */
export async function toyStore(): Promise<{ readonly store: Store; readonly remove: () => Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), "shardmill-mixes-"));
  return { store: await openStore(root), remove: () => rm(root, { recursive: true, force: true }) };
}

/** Writes the records and tars of a finished output, as a build leaves them; the frames are no pictures. */
export async function writeOutput(store: Store, output: ToyOutput): Promise<void> {
  const { name, keyPrefix = name, media = "video", shards } = output;
  const records = openRecords(store, name);
  const dataset = aDataset({ name, keyPrefix, media, purpose: output.purpose ?? "train", ...output.terms });
  const recipe = recipeSchema.parse(output.recipe ?? {});
  const recipeHash = hashOf({ name, recipe });
  const hash = output.tokenizer === undefined ? null : hashOf(output.tokenizer);
  const parts = new Map(
    shards.map(({ subset = null, part = 0 }) => [partLabel({ subset, part }), { subset, part }]),
  );
  await records.writeBuild(
    aBuildRecord({
      dataset,
      entry: output.entry ?? null,
      recipe,
      recipeHash,
      ...(hash !== null && {
        tokenizer: {
          name: output.tokenizer ?? "",
          files: hash,
          identity: { tokenizer: hash, template: hash },
        },
      }),
      parts: [...parts.values()].map((part) => aListedPart(part)),
    }),
  );
  for (const part of parts.values()) {
    const own = shards.filter(
      ({ subset = null, part: number = 0 }) => subset === part.subset && number === part.part,
    );
    const ranges = own.map((shard, index) => {
      const range = shard.range ?? index;
      return aRange({ range, shard: shardOf(name, part, range), members: positionsOf(shard).length });
    });
    const members = own.reduce((sum, shard) => sum + positionsOf(shard).length, 0);
    await records.writePlan(
      aPlan({ dataset: name, ...part, recipeHash, members, ranges }),
      ranges.map(() => []),
    );
    for (const [index, shard] of own.entries())
      await writeShard(store, { output, recipeHash, part }, shard, index);
  }
}

interface OfOutput {
  readonly output: ToyOutput;
  readonly recipeHash: string;
  readonly part: { readonly subset: string | null; readonly part: number };
}

async function writeShard(
  store: Store,
  { output, recipeHash, part }: OfOutput,
  toy: ToyShard,
  index: number,
): Promise<void> {
  const { name, keyPrefix = name, media = "video" } = output;
  const records = openRecords(store, name);
  const range = toy.range ?? index;
  const shard = shardOf(name, part, range);
  const positions = positionsOf(toy);
  const firstKeys = positions.map(
    (position) => `${sampleKey({ keyPrefix, part, position })}${toy.suffix ?? ""}`,
  );
  const keys = firstKeys.flatMap((key) =>
    toy.turns === undefined ? [key] : Array.from({ length: toy.turns }, (_, turn) => `${key}-t${turn}`),
  );
  const tar = await toyTar(keys, toy, media);
  await store.put(`${name}/${shard}.tar`, tar.bytes);
  await store.put(`${name}/${shard}.tar.idx`, tar.index);
  await records.writeLedger(
    shard,
    positions.map((position, at) =>
      aLedgerLine({
        position,
        key: keys[at * (toy.turns ?? 1)] ?? null,
        frames: media === "none" ? 0 : frames,
      }),
    ),
  );
  const hash = (algorithm: string): string => createHash(algorithm).update(tar.bytes).digest("hex");
  await records.writeManifest(
    aManifest({
      shard,
      dataset: name,
      ...part,
      range,
      recipeHash,
      tar: { bytes: tar.bytes.length, sha256: hash("sha256"), md5: hash("md5") },
      samples: keys.length,
      // A placeholder counts as a frame in books.
      frames: keys.length * (media === "none" ? 1 : frames),
      firstKey: keys[0] ?? null,
      lastKey: keys.at(-1) ?? null,
      counts: { members: positions.length, packed: positions.length, failed: 0, skipped: 0, byCode: {} },
      ...(toy.tokens && { tokens: toy.tokens }),
      ...(media === "video" &&
        toy.durationMs !== null && { durationMs: toy.durationMs ?? keys.length * 1000 }),
    }),
  );
}

/** What the manifest adds up, divided among the samples. */
async function toyTar(
  keys: readonly string[],
  { tokens, durationMs, content }: ToyShard,
  media: MediaKind,
): Promise<{ readonly bytes: Buffer; readonly index: Buffer }> {
  const packer = new TarPacker();
  const chunks: Uint8Array[] = [];
  const offsets: number[] = [];
  const take = async (name: string, bytes: Buffer): Promise<number> => {
    const entry = await packer.entry(name, bytes);
    chunks.push(...entry.chunks);
    return entry.headerOffset;
  };
  const shareOf = (all: number, at: number): number =>
    Math.floor((all * (at + 1)) / keys.length) - Math.floor((all * at) / keys.length);
  for (const [at, key] of keys.entries()) {
    const json = {
      caption: key,
      frame_count: media === "none" ? 1 : frames,
      ...(content !== undefined && { content }),
      ...(media === "video" && {
        duration: shareOf(durationMs ?? keys.length * 1000, at) / 1000,
      }),
      ...(tokens && {
        token_ids: Array.from({ length: shareOf(tokens.all, at) }, () => 7),
        loss_mask: Array.from({ length: shareOf(tokens.all, at) }, (_, place) =>
          place < shareOf(tokens.loss, at) ? 1 : 0,
        ),
      }),
    };
    const pictures = media === "none" ? 1 : frames;
    for (let frame = 0; frame < pictures; frame += 1) {
      const offset = await take(`${key}.${String(frame).padStart(3, "0")}.jpg`, Buffer.from("jpeg"));
      if (frame === 0) offsets.push(offset);
    }
    await take(`${key}.json`, Buffer.from(JSON.stringify(json)));
  }
  const end = packer.sizeBytes;
  chunks.push(await packer.end());
  return { bytes: Buffer.concat(chunks), index: energonIndex(offsets, end) };
}

function shardOf(name: string, part: OfOutput["part"], range: number): string {
  return `${name}-${partLabel(part)}-${String(range).padStart(4, "0")}`;
}

function positionsOf({ positions }: ToyShard): readonly number[] {
  return positions ?? [0, 1, 2, 3];
}
