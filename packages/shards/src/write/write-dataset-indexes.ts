import { type BuildRecord, type Manifest, type MediaKind, partLabel, sumCounts } from "@shardmill/core";
import { recordPaths, recordText, type Store } from "@shardmill/store";

const energonVersion = "7.1.0";

/** A published shard, as the index files speak of it. */
interface Published {
  readonly manifest: Manifest;
  readonly file: string;
  readonly tar: NonNullable<Manifest["tar"]>;
}

/** What a dataset's index files are made of. */
interface IndexedDataset {
  readonly store: Store;
  readonly build: BuildRecord;
  /** Those of its shards, in any order. */
  readonly manifests: readonly Manifest[];
  /** By the part's label: the commit that its plan was made from. */
  readonly revisions: ReadonlyMap<string, string | null>;
}

/**
 * The files that readers want beside the tars (docs/formats.md, "Indexes"), from the manifests alone: a list of the shards,
 * Energon's metadata, wids' index, the Hub's README, and what the dataset was made of. Same manifests, same bytes.
 * Returns the paths written.
 */
export async function writeDatasetIndexes({
  store,
  build,
  manifests,
  revisions,
}: IndexedDataset): Promise<string[]> {
  const dataset = build.dataset.name;
  const folder = recordPaths(dataset).dataset;
  const published = inOrder(manifests);
  const files: Record<string, string> = {
    "shardlist.txt": published.map(({ file }) => `${file}\n`).join(""),
    "shardindex.json": recordText(widsIndex(dataset, published)),
    ".nv-meta/.info.json": recordText(energonInfo(published)),
    ".nv-meta/split.yaml": energonSplit(published),
    ".nv-meta/dataset.yaml": "__module__: megatron.energon\n__class__: CrudeWebdataset\n",
    "build.json": recordText(summary(build, published, manifests, revisions)),
    "README.md": readme(build, published),
  };
  for (const [name, text] of Object.entries(files)) await store.put(`${folder}/${name}`, text);
  return Object.keys(files).map((name) => `${folder}/${name}`);
}

/** By name; a shard without samples has no tar, and Energon refuses an empty one. */
function inOrder(manifests: readonly Manifest[]): Published[] {
  return manifests
    .flatMap((manifest) => {
      const { tar, samples, shard } = manifest;
      return tar === null || samples === 0 ? [] : [{ manifest, file: `${shard}.tar`, tar }];
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

/** Everything trains; a sample is withdrawn later by naming it under `exclude`. JSON's strings are YAML's. */
function energonSplit(published: readonly Published[]): string {
  const train = published.map(({ file }) => `  - ${JSON.stringify(file)}\n`).join("");
  return `split_parts:\n  train:${train === "" ? " []\n" : `\n${train}`}  val: []\n  test: []\nexclude: []\n`;
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
    samples: published.reduce((sum, { manifest }) => sum + manifest.samples, 0),
    frames: published.reduce((sum, { manifest }) => sum + manifest.frames, 0),
    bytes: published.reduce((sum, { tar }) => sum + tar.bytes, 0),
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
      bytes: tar.bytes,
      sha256: tar.sha256,
    })),
  };
}

/**
 * The Hub's card. `configs` names the tars, or `datasets` would take json or parquet files beside them for the data.
 * They are written where the shards can be loaded so: where all samples have the same fields, since `datasets` takes its
 * columns from the first few samples and fails at one that has others.
 */
function readme(build: BuildRecord, published: readonly Published[]): string {
  const { dataset } = build;
  const samples = published.reduce((sum, { manifest }) => sum + manifest.samples, 0);
  const frames = published.reduce((sum, { manifest }) => sum + manifest.frames, 0);
  const { isFixed, loading } = loadingOf(dataset.media, frames === samples);
  const configs = [
    "configs:",
    "  - config_name: default",
    "    data_files:",
    "      - split: train",
    '        path: "*.tar"',
  ];
  const head = [
    "---",
    `pretty_name: ${JSON.stringify(dataset.title)}`,
    `license: ${licenseTag(dataset.license)}`,
  ];
  return [
    ...head,
    ...(isFixed ? configs : []),
    "---",
    `# ${dataset.title}`,
    "",
    dataset.description,
    "",
    `${samples} samples with ${frames} frames in ${published.length} WebDataset shards, made by Shardmill from ${build.source.name}` +
      `${build.source.revision === null ? "" : ` at ${build.source.revision}`}. License: ${dataset.license}.`,
    "",
    "```python",
    "import webdataset as wds",
    'shards = open("shardlist.txt").read().split()',
    "for sample in wds.WebDataset(shards, shardshuffle=False).decode(): ...",
    "```",
    "",
    loading,
    ...(dataset.bibtex === "" ? [] : ["", "```bibtex", dataset.bibtex.trim(), "```"]),
    "",
  ].join("\n");
}

/** Whether all samples have the same fields, which Hugging Face `datasets` asks for, and what to tell a reader. */
function loadingOf(media: MediaKind, isOneFrameEach: boolean): { isFixed: boolean; loading: string } {
  const varying = (what: string): string =>
    `${what}, so Hugging Face \`datasets\` and its viewer cannot load these shards; WebDataset and Energon can.`;
  switch (media) {
    case "video":
      return { isFixed: false, loading: varying("Clips have different numbers of frames") };
    case "none":
      return {
        isFixed: true,
        loading: 'With Hugging Face `datasets`: `load_dataset("webdataset", data_files="*.tar")`.',
      };
    case "images":
    case "pair":
      return isOneFrameEach
        ? {
            isFixed: true,
            loading: 'With Hugging Face `datasets`: `load_dataset("webdataset", data_files="*.tar")`.',
          }
        : { isFixed: false, loading: varying("Samples have different numbers of pictures") };
    default:
      return media satisfies never;
  }
}

/** The Hub knows license ids in lower case; anything else is `other`. */
function licenseTag(license: string): string {
  const tag = license.toLowerCase();
  return /^(apache-2\.0|mit|cc-by-(nc-|sa-|nd-|nc-sa-|nc-nd-)?\d\.\d|cc0-1\.0|odc-by|openrail|bsd-3-clause)$/.test(
    tag,
  )
    ? tag
    : "other";
}
