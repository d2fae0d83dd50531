import { randomUUID } from "node:crypto";
import { countLines, Failure, hashOf, isBalanced, type Manifest } from "@shardmill/core";
import {
  type Draft,
  type DraftFile,
  draftFiles,
  fillWithLines,
  type MadeDraft,
  type Records,
  recordText,
} from "@shardmill/store";
import { commitInBucket, finishInBucket, manifestInBucket } from "./commit-in-bucket.ts";
import { advance, beginCommit, type CommitAnswer, type CommitEnd, nextStep } from "./draft-protocol.ts";
import { type FinishedShard, indexOf } from "./finished-shard.ts";
import { draftsOf, ShardPlace } from "./shard-place.ts";
import type { ShardToCommit } from "./shard-to-commit.ts";

/**
 * `committed`: by this manifest, whoever published it. `already`: by another, and it stays as it was; `same` compares the
 * tars' sha256.
 */
export type CommitResult =
  | { readonly kind: "committed" }
  | { readonly kind: "already"; readonly same: boolean; readonly committed: Manifest };

/** Each step answers something that others do: one that never ends would be taken for one that works. */
const mostSteps = 2_000;

/**
 * Publishes a shard by the draft protocol (draft-protocol.ts, or bucket-protocol.ts where the store is a bucket). A crash leaves nothing, or a draft that the next one finishes
 * without milling, or a committed shard.
 */
export async function commitShard(
  records: Records,
  shard: ShardToCommit,
  signal: AbortSignal,
): Promise<CommitResult> {
  const { manifest } = shard;
  const { conditional } = records.store;
  try {
    signal.throwIfAborted();
    mustAgree(shard);
    const end =
      conditional === null
        ? await commitInFolder(records, shard)
        : await commitInBucket(records, conditional, shard);
    if (end === "lost") throw lost(manifest.shard);
    return end === "mine" ? { kind: "committed" } : await already(records, manifest);
  } finally {
    await shard.temp.remove();
  }
}

async function commitInFolder(records: Records, shard: ShardToCommit): Promise<"mine" | "others" | "lost"> {
  const place = new ShardPlace(records, shard);
  const replaces = await shard.replaces();
  const mine = records.paths.draft(shard.manifest.shard, randomUUID().slice(0, 8));
  place.know(mine, await makeDraft(records, mine, shard));
  const end = await takeSteps(place, mine, replaces);
  if (end.kind === "lost") return "lost";
  const isMine = (end.kind === "finished" && end.draft === mine) || (await place.isCommitted(mine));
  return isMine ? "mine" : "others";
}

/**
 * Commits a shard that was made before, by one that died or is slow, out of its draft. `isWanted` says whether it is what
 * is to be made, and `isOfNow`, just before the commit, whether that is so still. False where there is no such draft.
 */
export async function commitDraft(
  records: Records,
  shard: string,
  isWanted: (draft: Draft) => boolean,
  isOfNow: () => Promise<boolean>,
): Promise<boolean> {
  for (const draft of await records.listDrafts(shard)) {
    const made = await records.readDraft(draft);
    if (made === null || made.manifest.shard !== shard || !isWanted(made)) continue;
    const { conditional } = records.store;
    const end =
      conditional === null
        ? await takeSteps(new ShardPlace(records, made), draft, null)
        : await finishInBucket(records, conditional, draft, isOfNow);
    if (end.kind !== "lost") return true;
  }
  return false;
}

/** What a manifest that is to be replaced is known by; null where there is none. */
export function standingManifest(
  records: Records,
  manifest: Pick<Manifest, "shard">,
): Promise<string | null> {
  const { conditional } = records.store;
  return conditional === null
    ? ShardPlace.manifestOf(records, manifest.shard)
    : manifestInBucket(records, conditional, manifest.shard);
}

async function takeSteps(place: ShardPlace, mine: string, replaces: string | null): Promise<CommitEnd> {
  let state = beginCommit(mine, replaces, `${mine}-${randomUUID().slice(0, 8)}.taker`);
  for (let taken = 0; taken < mostSteps; taken += 1) {
    const step = nextStep(state);
    if (step.do === "end") return step.end;
    // All is settled, and a draft that cannot be removed now is swept by the next build.
    const isTidying = step.do === "remove-draft" && state.steps.at(-1)?.do === "end";
    state = advance(state, isTidying ? await place.take(step).catch(tidied) : await place.take(step));
  }
  return { kind: "lost" };
}

function tidied(error: unknown): CommitAnswer {
  if (error instanceof Failure) return { result: "done" };
  throw error;
}

async function makeDraft(records: Records, draft: string, shard: ShardToCommit): Promise<MadeDraft> {
  const { finished, temp, manifest, ledger, withdrawn } = shard;
  const text = (value: string | Uint8Array) => async (file: DraftFile) => {
    await file.write(typeof value === "string" ? Buffer.from(value) : value);
    await file.sync();
  };
  return draftsOf(records).make(
    draft,
    {
      [draftFiles.manifest]: text(recordText(manifest)),
      [draftFiles.ledger]: (file) => fillWithLines(file, ledger),
      [draftFiles.withdrawn]: text(withdrawn),
      ...(finished.tar !== null && {
        [draftFiles.energonIndex]: text(indexOf(finished)),
        [draftFiles.daliIndex]: text(finished.daliIndex),
      }),
    },
    finished.tar === null ? {} : { [draftFiles.tar]: temp },
  );
}

function lost(shard: string): Failure {
  return new Failure(
    "record_invalid",
    `what was made of ${shard} was taken away by another before its commit, or is no longer what is to be made`,
    {
      where: { shard },
      retry: "later",
    },
  );
}

async function already(records: Records, mine: Manifest): Promise<CommitResult> {
  const read = await records.readManifest(mine.shard);
  if (read.kind !== "ok") throw lost(mine.shard);
  const same = read.value.tar?.sha256 === mine.tar?.sha256;
  return { kind: "already", same, committed: read.value };
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
