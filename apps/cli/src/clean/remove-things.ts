import { sealBuild } from "@shardmill/pipeline";
import {
  acquireBuildLock,
  parseTemporaryName,
  type Records,
  sweepOrphans,
  sweepTemporaries,
  takeAway,
} from "@shardmill/store";
import type { Found, FoundOutput } from "./find-things.ts";
import type { Cleanable } from "./known-files.ts";

/** Removes some kinds of an output's files under its lock, so that nobody works on it meanwhile; `build_locked` where somebody does. */
export async function cleanOutput(
  output: FoundOutput,
  kinds: ReadonlySet<Cleanable>,
  signal: AbortSignal,
): Promise<void> {
  const { records, build, name } = output;
  // Each of a process that is dead: those who live write on.
  if (kinds.has("temporaries")) await sweepTemporaries(records.store, name);
  const own = ["build", "supplements", "indexes", "logs", "temporaries"] as const;
  const isLockNeeded = own.some((kind) => kinds.has(kind));
  if (!isLockNeeded) return;
  const lock = await acquireBuildLock(records, { build });
  try {
    const stop = AbortSignal.any([signal, lock.lost]);
    if (kinds.has("build")) await removeBuild(output, stop);
    else await removeSome(output, kinds, stop);
  } finally {
    await lock.release();
  }
  if (kinds.has("build")) await removeRest(output);
}

async function removeSome(
  { records, files }: FoundOutput,
  kinds: ReadonlySet<Cleanable>,
  signal: AbortSignal,
): Promise<void> {
  for (const { path, kind } of files) {
    signal.throwIfAborted();
    if ((kind === "indexes" || kind === "logs") && kinds.has(kind)) await records.store.remove(path);
  }
  if (kinds.has("temporaries")) {
    await removeShardDrafts(records);
    await sweepOrphans(records, signal);
  }
  if (!kinds.has("supplements")) return;
  for (const { shard, supplement } of await records.listManifests()) {
    signal.throwIfAborted();
    if (supplement !== null) await records.removeShard(shard);
  }
  // The lists name shards that are gone.
  const build = await records.readBuild();
  if (build !== null) await sealBuild({ records, build });
}

/**
 * The commits of shards first, so that a crash leaves no shard that counts without its bytes, and the build's record last:
 * as long as anything is left, it is found again.
 */
async function removeBuild({ records, files }: FoundOutput, signal: AbortSignal): Promise<void> {
  const { store, paths } = records;
  if (store.conditional !== null) {
    // Nothing is committed from a draft any more, nor counts without its manifest: a thousand objects go by one request.
    await removeShardDrafts(records);
    await takeAwayAll(
      records,
      files.map(({ path }) => path).filter((path) => path.startsWith(`${paths.manifests}/`)),
      signal,
    );
  }
  for (const { shard } of await records.listManifests()) {
    signal.throwIfAborted();
    await records.removeShard(shard);
  }
  const isKept = ({ path, kind }: FoundOutput["files"][number]): boolean =>
    ["unknown", "temporaries"].includes(kind) || path === paths.build || path.startsWith(`${paths.lock}/`);
  const others = files.filter((file) => !isKept(file)).map(({ path }) => path);
  await takeAwayAll(records, others, signal);
  await removeShardDrafts(records);
  await sweepTemporaries(store, records.dataset);
  await store.remove(paths.build);
}

const takenAtOnce = 1_000;

async function takeAwayAll({ store }: Records, paths: readonly string[], signal: AbortSignal): Promise<void> {
  for (let at = 0; at < paths.length; at += takenAtOnce) {
    signal.throwIfAborted();
    await takeAway(store, paths.slice(at, at + takenAtOnce));
  }
}

/** Nobody finishes one while the lock is held here: its shard is made again. */
async function removeShardDrafts(records: Records): Promise<void> {
  for (const path of await records.listDraftsOf())
    if (parseTemporaryName(path.slice(records.paths.drafts.length + 1)) === null)
      await records.removeDraft(path);
}

/** The lock, which nobody needs any more, and the folders that are empty now. */
async function removeRest({ name, records }: FoundOutput): Promise<void> {
  const { store, paths } = records;
  for (const path of await store.list(paths.lock)) await store.remove(path);
  const folders = (await store.listAll(name)).flatMap(({ path, isFolder }) => (isFolder ? [path] : []));
  for (const folder of [...folders, name].sort((a, b) => depth(b) - depth(a)))
    await store.removeEmpty(folder);
}

function depth(path: string): number {
  return path.split("/").length;
}

export async function cleanDrafts({ store, drafts }: Pick<Found, "store" | "drafts">): Promise<void> {
  for (const { path } of drafts) await store.remove(path);
}

/** What `overlap` writes, whatever the names of what it compared. */
const overlapFile = /^overlaps\/[^/]+\/[^/]+\/(?:pairs\.jsonl|overlap\.json|sheet\.png)$/;

/** What somebody has put there besides stays, in its folder. */
export async function cleanOverlaps({ store, beside }: Pick<Found, "store" | "beside">): Promise<void> {
  for (const { files } of beside.filter(({ what }) => what === "overlaps"))
    for (const { path } of files) if (overlapFile.test(path)) await store.remove(path);
  const folders = (await store.listAll("overlaps")).flatMap(({ path, isFolder }) => (isFolder ? [path] : []));
  for (const folder of [...folders, "overlaps"].sort((a, b) => depth(b) - depth(a)))
    await store.removeEmpty(folder);
}
