import {
  addTokens,
  type Counts,
  type Manifest,
  type PartPlan,
  shownIn,
  sumCounts,
  type TokenCounts,
} from "@shardmill/core";
import { isOfPlan } from "./valid-manifest.ts";

/** What is known of a part from its plan and manifests alone. */
export interface PartBooks {
  readonly counts: Counts;
  /** Members of the part; null for a stream-only part that was not seen to its end. */
  readonly members: number | null;
  readonly shards: { readonly done: number; readonly total: number | null };
  readonly samples: number;
  readonly frames: number;
  /** Null where no sample has tokens. */
  readonly tokens: TokenCounts | null;
  readonly bytes: number;
  readonly annotationsUsed: number;
}

/** Part = left out by the plan + ranges + (supplements - what their members counted as before). */
export function addUpPart(plan: PartPlan, manifests: readonly Manifest[]): PartBooks {
  const own = manifests.filter((manifest) => isOfPlan(manifest, plan));
  const made = own.flatMap(({ counts, supersedes }) =>
    supersedes === null ? [counts] : [counts, negative(supersedes)],
  );
  const ranges = own.filter((manifest) => manifest.range !== null);
  const sum = (of: (manifest: Manifest) => number): number =>
    own.reduce((total, manifest) => total + of(manifest), 0);
  const shown = own.map(shownIn);
  return {
    counts: sumCounts([plan.leftOut, ...made]),
    members: plan.members,
    shards: { done: ranges.length, total: plan.open && plan.members === null ? null : plan.ranges.length },
    samples: shown.reduce((total, { samples }) => total + samples, 0),
    frames: shown.reduce((total, { frames }) => total + frames, 0),
    tokens: shown.map(({ tokens }) => tokens).reduce(addTokens, undefined) ?? null,
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
