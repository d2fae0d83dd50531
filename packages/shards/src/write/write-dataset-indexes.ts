import { type BuildRecord, type Manifest, partLabel, shownIn, sumCounts } from "@shardmill/core";
import { recordPaths, recordText, type Store } from "@shardmill/store";
import { datasetReadme, withdrawnListName } from "./dataset-readme.ts";
import { energonConfigs } from "./energon-configs.ts";
import { moveDaliIndexes } from "./move-dali-indexes.ts";
import { type SampleForm, sampleForm } from "./sample-form.ts";

const energonVersion = "7.1.0";

/** A published shard, as the index files speak of it. */
interface Published {
  readonly manifest: Manifest;
  readonly file: string;
  readonly tar: NonNullable<Manifest["tar"]>;
}

/** What a dataset's index files are made of. */
interface IndexedShards {
  readonly build: BuildRecord;
  /** Those of its shards, in any order. */
  readonly manifests: readonly Manifest[];
  /** By the part's label: the commit that its plan was made from. */
  readonly revisions: ReadonlyMap<string, string | null>;
}

/**
 * The files that readers want beside the tars (docs/formats.md, "Indexes"), from the manifests alone: a list of the shards,
 * Energon's metadata, wids' index, the Hub's README, and what the dataset was made of. Same manifests, same bytes.
 * What an earlier recipe had and this one has not is taken away. Returns the paths written.
 */
export async function writeDatasetIndexes({
  store,
  ...indexed
}: IndexedShards & { readonly store: Store }): Promise<string[]> {
  const { build, manifests } = indexed;
  const dataset = build.dataset.name;
  const folder = recordPaths(dataset).dataset;
  const published = inOrder(manifests, beside);
  const files = {
    ...datasetIndexes(indexed, beside),
    "README.md": datasetReadme(build, formOf(build, published), withdrawnKeys(published).length),
  };
  await moveDaliIndexes(
    store,
    dataset,
    published.map(({ manifest }) => manifest.shard),
  );
  const written: string[] = [];
  for (const [name, text] of Object.entries(files)) {
    const path = `${folder}/${name}`;
    if (text === null) await store.remove(path);
    else {
      await store.put(path, text);
      written.push(path);
    }
  }
  return written;
}

/** The path of a shard's tar, from where its lists lie. */
type PlaceOf = (shard: string) => string;

const beside: PlaceOf = (shard) => `${shard}.tar`;

/** Those lists and indexes as texts, by their paths; null for one that this form of samples has not. */
export function datasetIndexes(
  { build, manifests, revisions }: IndexedShards,
  placeOf: PlaceOf,
): Readonly<Record<string, string | null>> {
  const published = inOrder(manifests, placeOf);
  return {
    "shardlist.txt": published.map(({ file }) => `${file}\n`).join(""),
    [withdrawnListName]: withdrawnList(published),
    "shardindex.json": recordText(widsIndex(build.dataset.name, published)),
    ".nv-meta/.info.json": recordText(energonInfo(published)),
    ".nv-meta/split.yaml": energonSplit(build, published),
    ...energonConfigs(formOf(build, published)),
    "build.json": recordText(summary(build, published, manifests, revisions)),
  };
}

function formOf(build: BuildRecord, published: readonly Published[]): SampleForm {
  return sampleForm(build, {
    samples: sumOf(published, ({ manifest }) => shownIn(manifest).samples),
    frames: sumOf(published, ({ manifest }) => shownIn(manifest).frames),
    shards: published.length,
  });
}

/**
 * By name; a shard without samples has no tar, and Energon refuses an empty one. One whose samples have all been withdrawn is in no list.
 * All others are named with what their tars hold, since readers hold a list against the tar: what is withdrawn they leave out by key.
 */
function inOrder(manifests: readonly Manifest[], placeOf: PlaceOf): Published[] {
  return manifests
    .flatMap((manifest) => {
      const { tar, shard } = manifest;
      return tar === null || shownIn(manifest).samples === 0 ? [] : [{ manifest, file: placeOf(shard), tar }];
    })
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

function widsIndex(dataset: string, published: readonly Published[]): unknown {
  return {
    __kind__: "wids-shard-index-v1",
    wids_version: 1,
    shardlist: published.map(({ file, tar, manifest }) => ({
      url: file,
      md5sum: tar.md5,
      nsamples: manifest.samples,
      filesize: tar.bytes,
    })),
    name: dataset,
    base: "",
  };
}

function energonInfo(published: readonly Published[]): unknown {
  const counts = published.map(({ file, manifest }) => [file, manifest.samples] as const);
  return { energon_version: energonVersion, shard_counts: Object.fromEntries(counts) };
}

/** Keys of samples that are withdrawn and that tars hold still; null where there are none. */
function withdrawnList(published: readonly Published[]): string | null {
  const keys = withdrawnKeys(published);
  return keys.length === 0 ? null : keys.map((key) => `${key}\n`).join("");
}

function withdrawnKeys(published: readonly Published[]): string[] {
  return published.flatMap(({ manifest }) => manifest.withdrawn?.map(({ key }) => key) ?? []);
}

/**
 * Everything is to train on, or of a dataset for evaluation to validate with, but what is withdrawn, `<shard>/<key>`. JSON's strings
 * are YAML's.
 */
function energonSplit({ dataset }: BuildRecord, published: readonly Published[]): string {
  const all = published.map(({ file }) => `  - ${JSON.stringify(file)}\n`).join("");
  const exclude = published
    .flatMap(({ file, manifest }) => manifest.withdrawn?.map(({ key }) => `${file}/${key}`) ?? [])
    .map((sample) => `  - ${JSON.stringify(sample)}\n`)
    .join("");
  const list = (lines: string): string => (lines === "" ? " []\n" : `\n${lines}`);
  const isEval = dataset.purpose === "eval";
  const [train, val] = isEval ? ["", all] : [all, ""];
  return `split_parts:\n  train:${list(train)}  val:${list(val)}  test: []\nexclude:${list(exclude)}`;
}

function summary(
  build: BuildRecord,
  published: readonly Published[],
  manifests: readonly Manifest[],
  revisions: ReadonlyMap<string, string | null>,
): unknown {
  const labels = [...new Set(manifests.map(partLabel))].sort();
  const counts = sumCounts(manifests.map((manifest) => manifest.counts));
  const superseded = sumCounts(
    manifests.flatMap(({ supersedes }) => (supersedes === null ? [] : [supersedes])),
  );
  const toolchains = new Map(manifests.map(({ toolchain }) => [JSON.stringify(toolchain), toolchain]));
  return {
    version: 1,
    dataset: build.dataset.name,
    title: build.dataset.title,
    license: build.dataset.license,
    source: { name: build.source.name, revision: build.source.revision },
    /** A build may go on at a newer revision with parts that an older one was made from, and whose files are the same. */
    parts: labels.map((part) => ({ part, revision: revisions.get(part) ?? null })),
    recipe: build.recipe,
    recipeHash: build.recipeHash,
    toolchains: [...toolchains.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, toolchain]) => toolchain),
    shards: published.length,
    samples: sumOf(published, ({ manifest }) => shownIn(manifest).samples),
    frames: sumOf(published, ({ manifest }) => shownIn(manifest).frames),
    bytes: sumOf(published, ({ tar }) => tar.bytes),
    /** Of the members that reached a shard; those left out before are in the plans' ledgers. */
    members: {
      packed: counts.packed - superseded.packed,
      failed: counts.failed - superseded.failed,
      skipped: counts.skipped - superseded.skipped,
    },
    files: published.map(({ file, tar, manifest }) => ({
      file,
      part: partLabel(manifest),
      samples: manifest.samples,
      /** Of its samples those that are withdrawn, and that readers leave out by key. */
      ...(manifest.withdrawn && { withdrawn: manifest.withdrawn.length }),
      bytes: tar.bytes,
      sha256: tar.sha256,
    })),
  };
}

function sumOf(published: readonly Published[], count: (shard: Published) => number): number {
  return published.reduce((sum, shard) => sum + count(shard), 0);
}
