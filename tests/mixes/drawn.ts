import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { parse } from "yaml";
import { jsonOf, type ReadSample, readSamples } from "../support/read-shards.ts";

/** A reader of published mixes that shares no code with what writes them. */

export interface DrawnSet {
  readonly name: string;
  readonly share: number;
  /** Paths of tars. */
  readonly shards: readonly string[];
  readonly excluded: ReadonlySet<string>;
}

/** What a reader of webdataset is told. */
export function webdatasetSets(mix: string): DrawnSet[] {
  const folder = join(mix, "webdataset");
  const told = JSON.parse(readFileSync(join(folder, "mix.json"), "utf8")) as {
    sets: { name: string; share: number; list: string; exclude: string[] }[];
  };
  return told.sets.map(({ name, share, list, exclude }) => ({
    name,
    share,
    shards: readFileSync(join(folder, list), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => normalize(join(folder, line))),
    excluded: new Set(exclude),
  }));
}

/** What Energon is told, read as its loaders read it: weights are of their sum, shards relative to the set's folder. */
export function energonSets(mix: string): DrawnSet[] {
  const file = join(mix, "energon/metadataset.yaml");
  const { splits } = parse(readFileSync(file, "utf8")) as {
    splits: { train: { blend: { path: string; weight: number; subflavors: { set: string } }[] } };
  };
  const sum = splits.train.blend.reduce((total, { weight }) => total + weight, 0);
  return splits.train.blend.map(({ path, weight, subflavors }) => {
    const folder = join(dirname(file), path);
    const split = parse(readFileSync(join(folder, ".nv-meta/split.yaml"), "utf8")) as {
      split_parts: { train: string[] };
      exclude: string[];
    };
    const info = JSON.parse(readFileSync(join(folder, ".nv-meta/.info.json"), "utf8")) as {
      shard_counts: Record<string, number>;
    };
    const shards = split.split_parts.train;
    if (Object.keys(info.shard_counts).join() !== shards.join())
      throw new Error(`${path}: counts of other shards`);
    // A key is left out as shard/key: the shard must be one of the list.
    const excluded = split.exclude.map((name) => {
      const shard = shards.find((one) => name.startsWith(`${one}/`));
      if (shard === undefined) throw new Error(`${name} is in no shard of the list`);
      return name.slice(shard.length + 1);
    });
    return {
      name: subflavors.set,
      share: weight / sum,
      shards: shards.map((shard) => normalize(join(folder, shard))),
      excluded: new Set(excluded),
    };
  });
}

/** Every sample of a set that may be drawn. */
function samplesOf({ shards, excluded }: DrawnSet): ReadSample[] {
  return shards.flatMap((shard) => readSamples(shard)).filter(({ key }) => !excluded.has(key));
}

/** mulberry32: the same numbers for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Drawn {
  readonly key: string;
  readonly isText: boolean;
  readonly set: string;
}

/** Draws so many samples: a set by its share, then one of its samples. */
export function draw(sets: readonly DrawnSet[], count: number, seed: number): Drawn[] {
  const random = seeded(seed);
  const all = sets.map((set) => ({
    ...set,
    samples: samplesOf(set).map((sample) => ({
      key: sample.key,
      isText: jsonOf(sample).is_text_only === true,
      set: set.name,
    })),
  }));
  return Array.from({ length: count }, () => {
    let at = random();
    const set = all.find(({ share }) => {
      at -= share;
      return at < 0;
    });
    const samples = (set ?? all.at(-1))?.samples ?? [];
    const drawn = samples[Math.floor(random() * samples.length)];
    if (drawn === undefined) throw new Error("a set has nothing to draw");
    return drawn;
  });
}

/** Whether so many of so many agree with a share: within five standard deviations of the binomial, which one in a million leaves. */
export function isWithinBound(found: number, count: number, share: number): boolean {
  return Math.abs(found - count * share) <= 5 * Math.sqrt(count * share * (1 - share)) + 1e-9;
}
