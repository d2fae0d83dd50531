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

/** A shard of an output that is made up: its samples by their positions. */
interface ToyShard {
  readonly subset?: string;
  readonly part?: number;
  readonly range?: number;
  /** Positions in the keys; one after the other from 0 unless given. */
  readonly positions?: readonly number[];
  /** Behind every key, such as `-t0`. */
  readonly suffix?: string;
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

/** Writes the records and tars of a finished output, as a build leaves them: tars of so many bytes that nobody reads. */
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
  const keys = positions.map((position) => `${sampleKey({ keyPrefix, part, position })}${toy.suffix ?? ""}`);
  await store.put(`${name}/${shard}.tar`, "tar");
  await records.writeLedger(
    shard,
    keys.map((key, at) =>
      aLedgerLine({ position: positions[at] ?? at, key, frames: media === "none" ? 0 : frames }),
    ),
  );
  await records.writeManifest(
    aManifest({
      shard,
      dataset: name,
      ...part,
      range,
      recipeHash,
      tar: { bytes: 3, sha256: hashOf(toy.content ?? shard), md5: "b".repeat(32) },
      samples: keys.length,
      // A placeholder counts as a frame in books.
      frames: keys.length * (media === "none" ? 1 : frames),
      firstKey: keys[0] ?? null,
      lastKey: keys.at(-1) ?? null,
      counts: { members: keys.length, packed: keys.length, failed: 0, skipped: 0, byCode: {} },
      ...(toy.tokens && { tokens: toy.tokens }),
      ...(media === "video" &&
        toy.durationMs !== null && { durationMs: toy.durationMs ?? keys.length * 1000 }),
    }),
  );
}

function shardOf(name: string, part: OfOutput["part"], range: number): string {
  return `${name}-${partLabel(part)}-${String(range).padStart(4, "0")}`;
}

function positionsOf({ positions }: ToyShard): readonly number[] {
  return positions ?? [0, 1, 2, 3];
}
