import type { LedgerLine, Manifest } from "@shardmill/core";
import type { Records } from "@shardmill/store";
import type { Sample } from "../look/sample.ts";
import type { CommitResult } from "./commit-shard.ts";
import type { FinishedShard } from "./finished-shard.ts";

/**
 * One shard in the making: `add` samples in order, `finish`, then `publish` or `discard`.
 * Until `publish` nothing of it can be seen under the shard's name.
 */
export interface ShardWriter {
  readonly shard: string;
  /** Bytes of the tar so far. */
  readonly sizeBytes: number;
  /** Resolves when the sample is written; members are put in order of their names. */
  add(sample: Sample): Promise<void>;
  /** End blocks, padding, on the disk, and read back: a Failure `shard_invalid` when what is there is not what was written. */
  finish(signal: AbortSignal): Promise<FinishedShard>;
  publish(
    manifest: Manifest,
    ledger: readonly LedgerLine[],
    signal: AbortSignal,
    as?: PublishedAs,
  ): Promise<CommitResult>;
  /** Leaves nothing behind. May be called at any time, also after publish. */
  discard(): Promise<void>;
}

export interface PublishedAs {
  /** The manifest that gives way to this one, by `standingManifest`; without it, what is committed stays. */
  readonly replaces?: () => Promise<string | null>;
  /** What stands for the list of all that was withdrawn when it was made; without it, nothing was. */
  readonly withdrawn?: string;
  /** Whether it is still what is to be made, when it comes to the commit; without it, it is. */
  readonly isOfNow?: () => Promise<boolean>;
}

export interface ShardWriterDeps {
  /** Records of the same store and dataset, to share what they have read already. */
  readonly records?: Records;
}
