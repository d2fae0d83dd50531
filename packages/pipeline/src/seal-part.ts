import {
  addCounts,
  type Code,
  type Counts,
  isBalanced,
  isSuspect,
  type Manifest,
  noCounts,
  type PartEnd,
  type PartId,
  type PartPlan,
} from "@shardmill/core";
import type { BuildContext } from "./context.ts";
import { isSameWork, standingManifests } from "./valid-manifest.ts";

/** What is known of a part from its plan and manifests alone. */
export interface PartBooks {
  readonly counts: Counts;
  /** Members of the part; null for a stream-only part that was not seen to its end. */
  readonly members: number | null;
  readonly shards: { readonly done: number; readonly total: number | null };
  readonly samples: number;
  readonly frames: number;
  readonly bytes: number;
  readonly annotationsUsed: number;
}

/** Part = left out by the plan + ranges + (supplements - what their members counted as before). */
export function addUpPart(plan: PartPlan, manifests: readonly Manifest[]): PartBooks {
  const own = manifests.filter((manifest) => isSameWork(manifest, plan));
  let counts = plan.leftOut;
  for (const manifest of own)
    counts = addCounts(addCounts(counts, manifest.counts), negative(manifest.supersedes ?? noCounts));
  const ranges = own.filter((manifest) => manifest.range !== null);
  const sum = (of: (manifest: Manifest) => number): number =>
    own.reduce((total, manifest) => total + of(manifest), 0);
  return {
    counts,
    members: plan.members,
    shards: { done: ranges.length, total: plan.open && plan.members === null ? null : plan.ranges.length },
    samples: sum((m) => m.samples),
    frames: sum((m) => m.frames),
    bytes: sum((m) => m.tar?.bytes ?? 0),
    annotationsUsed: plan.annotationsUsed ?? sum((m) => (m.supplement === null ? m.annotationsUsed : 0)),
  };
}

function negative(counts: Counts): Counts {
  return {
    members: -counts.members,
    packed: -counts.packed,
    failed: -counts.failed,
    skipped: -counts.skipped,
    byCode: Object.fromEntries(Object.entries(counts.byCode).map(([code, count]) => [code, -count])),
  };
}

export interface Ending {
  readonly state: "done" | "failed";
  readonly code: Code | null;
  readonly detail: string | null;
}

/**
 * Judges a part whose jobs have all ended. Done: every range committed and the books balance. `firstFailure` is what
 * stopped a job of it for good, if anything did.
 */
export function judgePart(
  plan: PartPlan | null,
  books: PartBooks | null,
  firstFailure: { readonly code: Code | null; readonly message: string } | null,
  maxFailureShare: number,
): Ending | null {
  if (plan === null || books === null) {
    return firstFailure === null
      ? null
      : { state: "failed", code: firstFailure.code, detail: firstFailure.message };
  }
  const { counts, members, shards } = books;
  if (firstFailure !== null && shards.done !== shards.total) {
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
  firstFailure: { readonly code: Code | null; readonly message: string } | null,
): Promise<{ readonly ending: Ending | null; readonly books: PartBooks | null }> {
  const { records, dataset, build, surroundings } = context;
  const plan = await records.readPlan(id);
  const books = plan === null ? null : addUpPart(plan, await standingManifests(records, plan));
  const ending = judgePart(plan, books, firstFailure, dataset.maxFailureShare);
  if (ending !== null) {
    const end: PartEnd = {
      version: 1,
      subset: id.subset,
      part: id.part,
      ...ending,
      endedAt: new Date(surroundings.clock.now()).toISOString(),
      build: build.build,
    };
    await records.writePartEnd(end);
  }
  return { ending, books };
}
