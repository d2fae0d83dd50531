import type { Manifest } from "@shardmill/core";
import { filesBeginning } from "./files-beginning.ts";
import type { RecordPaths } from "./record-paths.ts";
import type { Records } from "./records.ts";
import type { Store } from "./store.ts";
import { takeAway } from "./take-away.ts";

/**
 * Removes, for whoever holds the build's lock and has nothing at work, what lies under the names of shards and is of none: beside
 * a manifest that says that its shard has no tar, as a repair leaves it that ended without samples; and in a bucket a tar that
 * neither a manifest nor a draft knows, whose writer died where nobody will finish it. In a folder a tar is another name of its draft.
 * A young one is left: its writer may be one that nobody knows of, between its tar and its manifest. Gives the paths that went.
 */
export async function sweepOrphans(
  records: Records,
  signal: AbortSignal,
  now = Date.now(),
): Promise<string[]> {
  const { store, paths } = records;
  // First: who commits meanwhile has its draft there before its tar, and its manifest before the draft goes.
  const tars = await filesBeginning(store, `${paths.dataset}/${records.dataset}-`);
  const indexes = await filesBeginning(
    store,
    paths.daliIndex(`${records.dataset}-`).slice(0, -".idx".length),
  );
  const drafts = store.conditional === null ? null : await records.listDraftsOf();
  const found = await claims(records, drafts);
  const orphans = new Map<string, string[]>();
  for (const path of [...tars, ...indexes]) {
    const shard = shardOf(path);
    if (shard !== null && isOwn(paths, shard, path) && isOrphan(shard, found))
      orphans.set(shard, [...(orphans.get(shard) ?? []), path]);
  }
  const removed: string[] = [];
  for (const [shard, own] of orphans) {
    signal.throwIfAborted();
    if ((await isYoung(store, own, now)) || (await isClaimedByNow(records, shard))) continue;
    await takeAway(store, own);
    removed.push(...own);
  }
  return removed;
}

interface Claims {
  readonly manifests: ReadonlyMap<string, Manifest | null>;
  /** Shards with a draft; null where those who have none are left alone. */
  readonly drafted: ReadonlySet<string> | null;
}

/** Null in place of a manifest: there is one, which cannot be read. */
async function claims(records: Records, drafts: readonly string[] | null): Promise<Claims> {
  const manifests = new Map<string, Manifest | null>();
  // Of a folder those that are known: whatever has no manifest is left alone there.
  const whole = drafts === null ? await records.listKnownManifests() : await records.listManifests();
  const damaged = drafts === null ? [] : await records.listDamagedManifests();
  for (const { shard } of damaged) manifests.set(shard, null);
  for (const manifest of whole) manifests.set(manifest.shard, manifest);
  const drafted = drafts?.map((path) => path.slice(records.paths.drafts.length + 1).split("~", 1)[0] ?? "");
  return { manifests, drafted: drafted === undefined ? null : new Set(drafted) };
}

function isOrphan(shard: string, { manifests, drafted }: Claims): boolean {
  const manifest = manifests.get(shard);
  if (manifest === undefined) return drafted !== null && !drafted.has(shard);
  return manifest !== null && manifest.tar === null;
}

/** Somebody may have begun or committed it since the listing. A draft goes behind its manifest, so that it is asked for first. */
async function isClaimedByNow(records: Records, shard: string): Promise<boolean> {
  if (records.store.conditional !== null && (await records.listDrafts(shard)).length > 0) return true;
  const read = await records.readManifest(shard);
  return read.kind !== "absent" && (read.kind !== "ok" || read.value.tar !== null);
}

/** In ms: far more than all the requests between a tar and its manifest take. */
const youngFor = 3_600_000;

async function isYoung(store: Store, paths: readonly string[], now: number): Promise<boolean> {
  if (store.conditional === null) return false;
  const stats = await Promise.all(paths.map((path) => store.stat(path)));
  return stats.some((stat) => stat !== null && stat.modifiedMs > now - youngFor);
}

/** A copy in a folder of somebody's own may have the name of a shard. */
function isOwn(paths: RecordPaths, shard: string, path: string): boolean {
  return [paths.tar, paths.energonIndex, paths.daliIndex].some((of) => of(shard) === path);
}

/** By a name that is a shard's: of a range, or of a supplement. */
function shardOf(path: string): string | null {
  return /([^/]+-p\d{4,}-(?:\d{4,}|r\d{2,}))(?:\.tar|\.tar\.idx|\.idx)$/.exec(path)?.[1] ?? null;
}
