import { Failure, type Manifest } from "@shardmill/core";
import {
  acquireBuildLock,
  type FileStat,
  type Records,
  readBuildOwner,
  sweepTemporaries,
} from "@shardmill/store";
import { type CopiedFile, type CopiedFiles, copiedFiles } from "./copied-files.ts";
import { type CopyWay, copyFile } from "./copy-file.ts";

const filesAtOnce = 4;

export interface CopyResult {
  readonly files: number;
  readonly bytes: number;
  /** What was there by its hash. */
  readonly thereFiles: number;
  readonly thereBytes: number;
  readonly shards: number;
  readonly leftOut: readonly string[];
}

export interface CopyEvents {
  onPlan?(files: number, bytes: number): void;
  /** Of these bytes read so far of what has to be sent. */
  onBytes?(bytes: number): void;
  onFile?(file: CopiedFile, end: "copied" | "there"): void;
}

/**
 * An output into another store, where it has the same name: each tar by the hash in its manifest, before its manifest;
 * `build.json` last, so that what is half there is no output yet. Run again, it goes on. What is committed in the other
 * place is never replaced: it has to be of the same bytes.
 */
export async function copyOutput(
  from: Records,
  to: Records,
  options: CopyEvents & { readonly isSingleWriter: boolean },
  signal: AbortSignal,
): Promise<CopyResult> {
  await mustRest(from);
  const wanted = await copiedFiles(from);
  // A lock is worth what the store's conditions are worth.
  const lock = options.isSingleWriter ? null : await acquireBuildLock(to, { build: "copy" });
  try {
    await mustAgree(to, wanted.shards);
    // What a copy that was killed had not sent yet, or not published.
    await sweepTemporaries(to.store, to.dataset);
    const both = lock === null ? signal : AbortSignal.any([signal, lock.lost]);
    return await copyAll(from, to, { wanted, options }, both);
  } finally {
    await lock?.release();
  }
}

async function copyAll(
  from: Records,
  to: Records,
  {
    wanted,
    options,
  }: { readonly wanted: CopiedFiles; readonly options: CopyEvents & { isSingleWriter: boolean } },
  signal: AbortSignal,
): Promise<CopyResult> {
  const all = wanted.stages.flat();
  options.onPlan?.(all.length, sum(all));
  const there = new Map<string, FileStat>();
  for (const stat of await to.store.listAll(to.paths.dataset)) if (!stat.isFolder) there.set(stat.path, stat);
  const way: CopyWay = {
    ...{ from: from.store, to: to.store, there, isSingleWriter: options.isSingleWriter },
    onBytes: (bytes) => options.onBytes?.(bytes),
  };
  const kept: CopiedFile[] = [];
  for (const stage of wanted.stages) {
    await eachOf(stage, async (file) => {
      signal.throwIfAborted();
      const end = await copyFile(way, file, signal);
      if (end === "there") kept.push(file);
      options.onFile?.(file, end);
    });
  }
  const thereBytes = sum(kept);
  return {
    ...{ files: all.length - kept.length, bytes: sum(all) - thereBytes, thereFiles: kept.length, thereBytes },
    ...{ shards: wanted.shards.length, leftOut: wanted.leftOut },
  };
}

/** A few at once; the first failure ends those that have not begun, and is told when the others have ended. */
async function eachOf(
  files: readonly CopiedFile[],
  copy: (file: CopiedFile) => Promise<void>,
): Promise<void> {
  const left = files.values();
  const failed: unknown[] = [];
  const work = async (): Promise<void> => {
    for (const file of left) {
      if (failed.length > 0) return;
      await copy(file).catch((error: unknown) => failed.push(error));
    }
  };
  await Promise.all(Array.from({ length: filesAtOnce }, work));
  if (failed.length > 0) throw failed[0];
}

async function mustRest(from: Records): Promise<void> {
  const owner = await readBuildOwner(from);
  if (owner === null || owner.state === "dead") return;
  const who = `process ${owner.pid} of ${owner.host}, since ${owner.since}`;
  throw new Failure("build_locked", `a build of ${from.dataset} is at work there (${who})`);
}

/** What is committed there is not of this output's past, or of its future, but of its present. */
async function mustAgree(to: Records, shards: readonly Manifest[]): Promise<void> {
  const wanted = new Map(shards.map(({ shard, tar }) => [shard, tar?.sha256 ?? null]));
  for (const { shard, tar } of await to.listManifests()) {
    if (wanted.get(shard) === (tar?.sha256 ?? null)) continue;
    const what = wanted.has(shard) ? "with other bytes" : "which is not in the output that is copied";
    const message = `${to.dataset} lies there with the shard ${shard} ${what}: give it another place, or remove it there first`;
    throw new Failure("output_conflict", message, { where: { shard } });
  }
}

function sum(files: readonly CopiedFile[]): number {
  return files.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
}
