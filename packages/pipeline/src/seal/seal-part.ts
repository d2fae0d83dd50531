import {
  type Code,
  Failure,
  isBalanced,
  isSuspect,
  type PartEnd,
  type PartId,
  type PartPlan,
  partLabel,
  recordVersion,
} from "@shardmill/core";
import { addUpPart, type PartBooks } from "../books/part-books.ts";
import { standingManifests } from "../books/valid-manifest.ts";
import type { BuildContext } from "../context/build-context.ts";
import { mustBeUnchanged } from "../plan/unchanged-source.ts";
import { markAllWithdrawn } from "../withdrawn/mark-withdrawn.ts";

export interface Ending {
  readonly state: "done" | "failed";
  readonly code: Code | null;
  readonly detail: string | null;
}

export interface FirstFailure {
  readonly code: Code | null;
  readonly message: string;
  /** Of planning a part anew whose plan was no longer right: what stands of that plan says nothing for the part. */
  readonly isOfReplanning?: boolean;
}

/**
 * Judges a part whose jobs have all ended. Done: every range committed and the books balance. `firstFailure` is what
 * stopped a job of it for good, if anything did.
 */
export function judgePart(
  plan: PartPlan | null,
  books: PartBooks | null,
  firstFailure: FirstFailure | null,
  maxFailureShare: number,
): Ending | null {
  if (plan === null || books === null) {
    return firstFailure === null
      ? null
      : { state: "failed", code: firstFailure.code, detail: firstFailure.message };
  }
  const { counts, members, shards } = books;
  if (firstFailure !== null && (firstFailure.isOfReplanning === true || shards.done !== shards.total)) {
    return { state: "failed", code: firstFailure.code, detail: firstFailure.message };
  }
  // Some shards committed, nothing failed for good: the part is partial, which is a state and no ending.
  if (shards.total === null || shards.done < shards.total) return null;
  if (!isBalanced(counts) || counts.members !== members) {
    const detail = `${members} members, but ${counts.packed} packed + ${counts.failed} failed + ${counts.skipped} skipped`;
    return { state: "failed", code: "books_unbalanced", detail };
  }
  if (isSuspect(counts, maxFailureShare)) {
    return {
      state: "failed",
      code: "source_suspect",
      detail: `${counts.failed} of ${counts.packed + counts.failed} tried samples failed`,
    };
  }
  return { state: "done", code: null, detail: null };
}

/** Balances a part's books when its last shard has ended, and writes down how it ended. */
export async function sealPart(
  context: BuildContext,
  id: PartId,
  firstFailure: FirstFailure | null,
  signal: AbortSignal,
): Promise<{ readonly ending: Ending | null; readonly books: PartBooks | null }> {
  const { records, dataset, build, surroundings } = context;
  const plan = await records.readPlan(id);
  // Whoever was killed between a commit and its look at what was withdrawn meanwhile has left that to this.
  await markAllWithdrawn(context, { parts: new Set([partLabel(id)]) }, signal);
  const books = plan === null ? null : addUpPart(plan, await standingManifests(records, plan));
  const judged = judgePart(plan, books, firstFailure, dataset.maxFailureShare);
  const ending =
    plan !== null && judged?.state === "done"
      ? ((await changedMeanwhile(context, plan, signal)) ?? judged)
      : judged;
  if (ending !== null) {
    const end: PartEnd = {
      version: recordVersion,
      subset: id.subset,
      part: id.part,
      ...ending,
      ...(firstFailure?.isOfReplanning === true && { isOfReplanning: true }),
      endedAt: new Date(surroundings.clock.now()).toISOString(),
      build: build.build,
    };
    await records.writePartEnd(end);
  }
  return { ending, books };
}

/** Nothing is called done of a source that was changed while it was read. */
async function changedMeanwhile(
  context: BuildContext,
  plan: PartPlan,
  signal: AbortSignal,
): Promise<Ending | null> {
  try {
    await mustBeUnchanged(context, plan, null, signal);
    return null;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Failure)) throw error;
    return { state: "failed", code: error.code, detail: error.message };
  }
}
