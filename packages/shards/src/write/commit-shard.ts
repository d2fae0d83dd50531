import {
  type Clock,
  countLines,
  Failure,
  hashOf,
  isBalanced,
  type LedgerLine,
  type Manifest,
  systemClock,
} from "@shardmill/core";
import { fillWithLines, markState, parseTemporaryName, type Records, type TempFile } from "@shardmill/store";
import { energonIndex } from "./energon-index.ts";
import type { FinishedShard } from "./finished-shard.ts";

export interface ShardToCommit {
  readonly finished: FinishedShard;
  /** Holds the tar's bytes, synced; its temporary name is gone afterwards, whatever happens. */
  readonly temp: TempFile;
  readonly manifest: Manifest;
  readonly ledger: readonly LedgerLine[];
}

/** `already`: the shard had been committed before, and stays as it was; `same` compares the tars' sha256. */
export type CommitResult =
  | { readonly kind: "committed" }
  | { readonly kind: "already"; readonly same: boolean; readonly committed: Manifest };

export interface CommitDeps {
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** How long a living twin that is between its tar and its manifest is waited for. */
  readonly twinWaitMs?: number;
}

/**
 * Publishes a shard: tar, indexes, ledger, and last the manifest, which is the commit.
 *
 * Each is made by link(2), which never replaces anything. Whoever finds a name taken looks for the manifest: with it the
 * shard is committed and ours is dropped; without it what is there does not count, and is replaced. So a crash leaves
 * either nothing, or files without a manifest that the next run replaces, or a committed shard.
 *
 * A twin (the same job twice) may live between its tar and its manifest. Its temporary name still leads to the tar it
 * linked, so that it can be told from a dead one's leftover, and it is waited for. Twins mostly have the same bytes, and
 * replacing would be harmless; they differ when a clip failed in one of them only. Should a twin that was taken for dead
 * commit after all, the loser removes the tar it had put in the winner's place: the manifest then has no tar, which is
 * no commit, and the range is made again.
 */
export async function commitShard(
  records: Records,
  shard: ShardToCommit,
  deps: CommitDeps,
): Promise<CommitResult> {
  try {
    deps.signal.throwIfAborted();
    mustAgree(shard);
    const { shard: name } = shard.manifest;
    const isListed = (await records.readManifest(name)).kind !== "absent";
    const before = await committedManifest(records, name);
    if (before !== null) return already(before, shard.manifest);
    // Damaged, or without its tar. Where there was none, one that a twin has written since must not be taken away.
    if (isListed) await records.store.remove(records.paths.manifest(name));
    await waitForTwin(records, shard, deps);
    return await publish(records, shard);
  } finally {
    await shard.temp.remove();
  }
}

/** The manifest of a shard that counts as committed: readable, with a tar of its size. Otherwise null. */
async function committedManifest(records: Records, shard: string): Promise<Manifest | null> {
  const read = await records.readManifest(shard);
  if (read.kind !== "ok") return null;
  const tar = await records.store.stat(records.paths.tar(shard));
  return (read.value.tar?.bytes ?? null) === (tar?.sizeBytes ?? null) ? read.value : null;
}

async function publish(records: Records, shard: ShardToCommit): Promise<CommitResult> {
  const { store, paths } = records;
  const { finished, temp, manifest, ledger } = shard;
  const name = manifest.shard;
  let tarIdentity: string | null = null;
  if (finished.tar === null) {
    await store.remove(paths.tar(name));
    await store.remove(paths.energonIndex(name));
    await store.remove(paths.daliIndex(name));
  } else {
    if (!(await place(records, name, temp, paths.tar(name)))) return lost(records, manifest, null);
    tarIdentity = (await store.stat(paths.tar(name)))?.identity ?? null;
    const index = energonIndex(finished.index.slice(0, -1), finished.index.at(-1) ?? 0);
    for (const [path, bytes] of [
      [paths.energonIndex(name), index],
      [paths.daliIndex(name), Buffer.from(finished.daliIndex)],
    ] as const) {
      const isPlaced = await placeNew(records, name, path, async (made) => {
        await made.write(bytes);
        await made.sync();
      });
      if (!isPlaced) return lost(records, manifest, tarIdentity);
    }
  }
  if (!(await placeNew(records, name, paths.ledger(name), (made) => fillWithLines(made, ledger)))) {
    return lost(records, manifest, tarIdentity);
  }
  if ((await records.writeManifest(manifest)) === "exists") return lost(records, manifest, tarIdentity);
  return { kind: "committed" };
}

/** Puts a file in its place; false when the shard has been committed by another meanwhile. */
async function place(records: Records, shard: string, temp: TempFile, final: string): Promise<boolean> {
  if ((await temp.link(final)) === "published") return true;
  if ((await records.readManifest(shard)).kind === "ok") return false;
  await temp.replace(final);
  return true;
}

async function placeNew(
  records: Records,
  shard: string,
  final: string,
  fill: (made: TempFile) => Promise<void>,
): Promise<boolean> {
  const made = await records.store.createTemp(final);
  try {
    await fill(made);
    return await place(records, shard, made, final);
  } finally {
    await made.remove();
  }
}

async function lost(records: Records, mine: Manifest, tarIdentity: string | null): Promise<CommitResult> {
  const read = await records.readManifest(mine.shard);
  if (read.kind !== "ok") {
    throw new Failure(
      "record_invalid",
      `the manifest of ${mine.shard} was written and taken away by another`,
      {
        where: { shard: mine.shard },
        retry: "later",
      },
    );
  }
  const result = already(read.value, mine);
  const tar = await records.store.stat(records.paths.tar(mine.shard));
  if (!result.same && tar !== null && tar.identity === tarIdentity) await records.store.remove(tar.path);
  return result;
}

function already(committed: Manifest, mine: Manifest): Extract<CommitResult, { kind: "already" }> {
  return { kind: "already", same: committed.tar?.sha256 === mine.tar?.sha256, committed };
}

async function waitForTwin(records: Records, shard: ShardToCommit, deps: CommitDeps): Promise<void> {
  const clock = deps.clock ?? systemClock;
  const pollMs = 50;
  for (let waitedMs = 0; waitedMs < (deps.twinWaitMs ?? 5_000); waitedMs += pollMs) {
    if (!(await isTwinPublishing(records, shard.manifest.shard))) return;
    await clock.sleep(pollMs, deps.signal);
  }
}

async function isTwinPublishing(records: Records, shard: string): Promise<boolean> {
  const { store, paths } = records;
  const tar = await store.stat(paths.tar(shard));
  if (tar === null || (await records.readManifest(shard)).kind === "ok") return false;
  for (const path of await store.listTemporaries(paths.dataset)) {
    const temporary = parseTemporaryName(path.slice(paths.dataset.length + 1));
    if (temporary?.name !== `${shard}.tar` || markState(temporary.mark) === "dead") continue;
    if ((await store.stat(path))?.identity === tar.identity) return true;
  }
  return false;
}

/** A manifest that does not describe this tar and this ledger would be a lie from the start. */
function mustAgree({ finished, manifest, ledger }: ShardToCommit): void {
  const where = { shard: manifest.shard };
  const facts = pick(finished);
  const claims = pick(manifest);
  if (hashOf(facts) !== hashOf(claims)) {
    throw new Failure("shard_invalid", `the manifest of ${manifest.shard} does not describe its tar`, {
      where,
      retry: "never",
    });
  }
  if (!isBalanced(manifest.counts) || hashOf(countLines(ledger)) !== hashOf(manifest.counts)) {
    throw new Failure("books_unbalanced", `the ledger of ${manifest.shard} does not add up to its manifest`, {
      where,
    });
  }
}

function pick({
  tar,
  samples,
  frames,
  firstKey,
  lastKey,
}: Omit<FinishedShard, "index" | "daliIndex">): Omit<FinishedShard, "index" | "daliIndex"> {
  return { tar, samples, frames, firstKey, lastKey };
}
