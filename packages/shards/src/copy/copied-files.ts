import { Failure, type Manifest } from "@shardmill/core";
import { parseTemporaryName, type RecordPaths, type Records } from "@shardmill/store";

export interface CopiedFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** As the manifest of a tar tells it; null for all else. */
  readonly sha256: string | null;
}

export interface CopiedFiles {
  /** In the order in which they may be seen: what a record tells of is there before it. */
  readonly stages: readonly (readonly CopiedFile[])[];
  readonly shards: readonly Manifest[];
  /** Shards that are not committed, or whose manifest is damaged: nothing of them is copied. */
  readonly leftOut: readonly string[];
}

/** The files of an output that are worth something elsewhere: not what belongs to a build that is at work, or to this machine. */
export async function copiedFiles(records: Records): Promise<CopiedFiles> {
  const { store, paths } = records;
  const shards = await records.listManifests();
  const committed = new Map(shards.map((manifest) => [manifest.shard, manifest]));
  const leftOut = new Set<string>();
  const stages: CopiedFile[][] = [[], [], []];
  for (const { path, sizeBytes, isFolder } of await store.listAll(paths.dataset)) {
    if (isFolder || isOfTheBuild(paths, path)) continue;
    const shard = shardOf(records, path);
    const manifest = shard === null ? undefined : committed.get(shard);
    if (shard !== null && manifest === undefined) leftOut.add(shard);
    else {
      const tar = shard !== null && path === paths.tar(shard) ? (manifest?.tar ?? null) : null;
      stages[stageOf(paths, path)]?.push({ path, sizeBytes, sha256: tar?.sha256 ?? null });
    }
  }
  mustHaveTars(records, shards, stages[0] ?? []);
  return { stages, shards, leftOut: [...leftOut].sort() };
}

function isOfTheBuild(paths: RecordPaths, path: string): boolean {
  if (path.split("/").some((word) => parseTemporaryName(word) !== null)) return true;
  // The index of annotations is a file of DuckDB for whoever plans here; what indexing gave is a record.
  if (path.startsWith(`${paths.annotations}/`)) return !path.endsWith(".json");
  const own = [paths.queue, paths.mark, paths.pause, paths.lastRun];
  const folders = [paths.lock, paths.runs, paths.holds, paths.temporaries, paths.drafts];
  return own.includes(path) || folders.some((folder) => path.startsWith(`${folder}/`));
}

/** The shard that a file belongs to; null for one of the whole output or of a part. */
function shardOf({ dataset, paths }: Records, path: string): string | null {
  const [, name = ""] = /([^/]+?)(?:\.tar|\.tar\.idx|\.idx|\.json|\.jsonl)$/.exec(path) ?? [];
  const own = [
    paths.tar,
    paths.energonIndex,
    paths.daliIndex,
    paths.daliIndexBefore,
    paths.manifest,
    paths.prints,
  ];
  if (name.startsWith(`${dataset}-`) && own.some((pathOf) => pathOf(name) === path)) return name;
  return path === paths.ledger(name) && !name.endsWith("-plan") ? name : null;
}

function stageOf(paths: RecordPaths, path: string): 0 | 1 | 2 {
  if (path === paths.build) return 2;
  return path.startsWith(`${paths.manifests}/`) ? 1 : 0;
}

function mustHaveTars({ paths }: Records, shards: readonly Manifest[], files: readonly CopiedFile[]): void {
  const sizes = new Map(files.map(({ path, sizeBytes }) => [path, sizeBytes]));
  for (const { shard, tar } of shards) {
    if (tar === null || sizes.get(paths.tar(shard)) === tar.bytes) continue;
    const message = `the tar of ${shard} is not the one that its manifest names: verify says more`;
    throw new Failure("shard_invalid", message, { where: { shard }, retry: "never" });
  }
}
