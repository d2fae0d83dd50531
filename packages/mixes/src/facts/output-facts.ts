import {
  type BuildRecord,
  type Dataset,
  type Manifest,
  type MediaKind,
  type PartId,
  partLabel,
  type TokenCounts,
} from "@shardmill/core";

/** Of some shards together. */
export interface Sums {
  readonly shards: number;
  readonly samples: number;
  readonly frames: number;
  /** Null where no sample has tokens. */
  readonly tokens: Pick<TokenCounts, "all" | "loss"> | null;
  /** Of the samples' clips, a clip counted once for each sample; null where a shard of clips does not say. */
  readonly durationMs: number | null;
  readonly bytes: number;
}

export const noSums: Sums = Object.freeze({
  shards: 0,
  samples: 0,
  frames: 0,
  tokens: null,
  durationMs: 0,
  bytes: 0,
});

export function addSums(a: Sums, b: Sums): Sums {
  return {
    shards: a.shards + b.shards,
    samples: a.samples + b.samples,
    frames: a.frames + b.frames,
    tokens: addTokens(a.tokens, b.tokens),
    durationMs: a.durationMs === null || b.durationMs === null ? null : a.durationMs + b.durationMs,
    bytes: a.bytes + b.bytes,
  };
}

function addTokens(a: Sums["tokens"], b: Sums["tokens"]): Sums["tokens"] {
  if (a === null || b === null) return a ?? b;
  return { all: a.all + b.all, loss: a.loss + b.loss };
}

/** The keys of a shard: all have one beginning, and lie between two positions. */
interface KeySpan {
  /** What its keys begin with: `openvid-p0073-`. */
  readonly begin: string;
  /** Positions in the first and the last key, inclusive. */
  readonly first: number;
  readonly last: number;
}

/** A shard with samples. */
export interface ShardFacts extends PartId, Sums {
  /** Without `.tar`. */
  readonly shard: string;
  readonly sha256: string;
  readonly keys: KeySpan;
  /** Samples that are withdrawn, and that its tar and its own figures have still. */
  readonly withdrawn: readonly WithdrawnSample[];
}

/** A sample that nobody is to read, with what it holds. */
interface WithdrawnSample {
  readonly key: string;
  readonly frames: number;
  readonly tokens: Sums["tokens"];
  readonly durationMs: number | null;
}

/** A finished output as its records have it: as much memory as it has shards, whatever they hold. */
export interface OutputFacts {
  /** The output's name: of its folder and its shards. */
  readonly name: string;
  /** The catalogue's entry that it is of. */
  readonly entry: string;
  readonly dataset: Dataset;
  readonly media: MediaKind;
  readonly recipe: BuildRecord["recipe"];
  readonly recipeName: string | null;
  readonly recipeHash: string;
  readonly tokenizer: BuildRecord["tokenizer"];
  readonly source: BuildRecord["source"];
  /** By name, those with samples that may be read only. */
  readonly shards: readonly ShardFacts[];
  /** Without what is withdrawn, but for the bytes, which are read all the same; as those of subsets. */
  readonly sums: Sums;
  /** By the subset's name, in order; `null` of a dataset without subsets. */
  readonly subsets: readonly { readonly subset: string | null; readonly sums: Sums }[];
  /** Why it is not finished, a line each; none where it is. */
  readonly unfinished: readonly string[];
  /** Parts that were made elsewhere and taken over: nothing of theirs is in the sums. */
  readonly adopted: number;
}

/** The facts of the shards that a build's plans ask for. `manifests`: those that stand, in any order. */
export function factsOf(
  build: BuildRecord,
  manifests: readonly Manifest[],
  state: Pick<OutputFacts, "unfinished" | "adopted">,
): OutputFacts {
  const { dataset, recipe, recipeName, recipeHash, tokenizer, source } = build;
  const shards = manifests
    .flatMap((manifest) => shardFacts(dataset, manifest) ?? [])
    .sort((a, b) => (a.shard < b.shard ? -1 : 1));
  const bySubset = new Map<string | null, Sums>();
  for (const shard of shards)
    bySubset.set(shard.subset, addSums(bySubset.get(shard.subset) ?? noSums, shownOf(shard)));
  return {
    name: dataset.name,
    entry: build.entry ?? dataset.name,
    dataset,
    media: dataset.media,
    recipe,
    recipeName,
    recipeHash,
    tokenizer,
    source,
    shards,
    sums: [...bySubset.values()].reduce(addSums, noSums),
    subsets: [...bySubset.entries()]
      .sort(([a], [b]) => ((a ?? "") < (b ?? "") ? -1 : 1))
      .map(([subset, sums]) => ({ subset, sums })),
    ...state,
  };
}

/** A shard's figures without the samples that nobody is to read. */
function shownOf(shard: ShardFacts): Sums {
  return shard.withdrawn.reduce<Sums>(withoutSample, shard);
}

/** Bytes are read all the same. */
export function withoutSample(
  whole: Sums,
  { frames, tokens, durationMs }: Omit<WithdrawnSample, "key">,
): Sums {
  return {
    ...whole,
    samples: whole.samples - 1,
    frames: whole.frames - frames,
    tokens: whole.tokens && {
      all: whole.tokens.all - (tokens?.all ?? 0),
      loss: whole.tokens.loss - (tokens?.loss ?? 0),
    },
    durationMs: whole.durationMs === null ? null : whole.durationMs - (durationMs ?? 0),
  };
}

function shardFacts(dataset: Dataset, manifest: Manifest): ShardFacts | null {
  const { shard, subset, part, tar, samples, frames, tokens, durationMs, withdrawn = [] } = manifest;
  if (tar === null || samples === withdrawn.length) return null;
  const isText = dataset.media === "none";
  return {
    shard,
    subset,
    part,
    shards: 1,
    samples,
    // A placeholder is a picture that shows nothing.
    frames: isText ? 0 : frames,
    tokens: tokens === undefined ? null : { all: tokens.all, loss: tokens.loss },
    durationMs: durationMs ?? (dataset.media === "video" ? null : 0),
    bytes: tar.bytes,
    sha256: tar.sha256,
    keys: keySpan(dataset.keyPrefix, manifest),
    withdrawn: isText ? withdrawn.map((sample) => ({ ...sample, frames: 0 })) : withdrawn,
  };
}

/** From the keys themselves: in an output whose source is another one the members' numbers are not those in the keys. */
function keySpan(keyPrefix: string, manifest: Manifest): KeySpan {
  const begin = `${keyPrefix}-${partLabel(manifest)}-`;
  const first = keyPosition(manifest.firstKey ?? "", begin);
  const last = keyPosition(manifest.lastKey ?? "", begin);
  // A key of another form is compared with every other of its part.
  if (first === null || last === null || last < first)
    return { begin, first: 0, last: Number.MAX_SAFE_INTEGER };
  return { begin, first, last };
}

/** The position in a key of a part; null where the key is of another part, or has another form. */
export function keyPosition(key: string, begin: string): number | null {
  if (!key.startsWith(begin)) return null;
  const digits = /^\d+/.exec(key.slice(begin.length))?.[0];
  const position = digits === undefined ? Number.NaN : Number(digits);
  return Number.isSafeInteger(position) ? position : null;
}
