import type { Counts, LedgerLine, PartPlan } from "@shardmill/core";

/** A shard to be made: which one, and the members that it must account for. */
export interface ShardOrder {
  readonly plan: PartPlan;
  readonly shard: string;
  readonly range: number | null;
  readonly supplement: number | null;
  readonly supersedes: Counts | null;
  /** Positions that must have a line at the end; null when the stream itself says what there is. */
  readonly positions: readonly number[] | null;
  /** Lines that are settled without milling: of an earlier ledger, or of members left out on the way. */
  readonly settled: readonly LedgerLine[];
  /** Of its members, asked for when all have come; null where nobody knows. */
  readonly digest: () => string | null;
  /** The manifest of the damaged shard of this name, which gives way to this one's (`standingManifest`). */
  readonly repairs?: string | null;
}
