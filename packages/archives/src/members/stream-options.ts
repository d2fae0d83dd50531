import type { Rejection } from "@shardmill/core";

/** What every reader of members is told. */
export interface StreamOptions {
  /** A member larger than this, decompressed, is left out as bomb_suspected. */
  readonly maxBytes: number;
  /** Told of every chunk that came from the source, for progress and books. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  /** Where a member's bytes are put: exactly so many. Absent: memory of their own for each. */
  readonly room?: ((bytes: number) => Buffer) | undefined;
}

/** Reading by range: unwanted bytes up to this many are read over rather than asked for anew. */
export interface RangeOptions extends StreamOptions {
  readonly gapBytes?: number | undefined;
}

export const defaultGapBytes = 1_048_576;

/** A member that the archive's directory alone rules out. */
export interface LeftOut {
  readonly position: number;
  readonly name: string;
  readonly rejection: Rejection;
}
