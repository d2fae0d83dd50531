import type { LedgerLine, Manifest } from "@shardmill/core";
import type { TempFile } from "@shardmill/store";
import type { FinishedShard } from "./finished-shard.ts";

export interface ShardToCommit {
  readonly finished: FinishedShard;
  /** Holds the tar's bytes, synced; its temporary name is gone afterwards, whatever happens. */
  readonly temp: TempFile;
  readonly manifest: Manifest;
  readonly ledger: readonly LedgerLine[];
  /** The manifest that gives way to this one, by `standingManifest`; null: whatever is committed stays. In a bucket it is asked only where there is one. */
  readonly replaces: () => Promise<string | null>;
  /** What stands for the list of all that was withdrawn when it was made. */
  readonly withdrawn: string;
  /** Whether it is still what is to be made: asked in a bucket alone, just before the commit. */
  readonly isOfNow: () => Promise<boolean>;
}
