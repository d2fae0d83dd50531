import { energonIndex } from "./energon-index.ts";

/** What a manifest says about its tar. */
export interface FinishedShard {
  /** Null when no sample was added: such a shard has no tar. */
  readonly tar: { readonly bytes: number; readonly sha256: string; readonly md5: string } | null;
  readonly samples: number;
  /** Pictures that its samples show. */
  readonly frames: number;
  readonly firstKey: string | null;
  readonly lastKey: string | null;
  /** The Energon index: header offsets of the samples, then that of the end. */
  readonly index: readonly number[];
  /** Of `dali/<shard>.idx`. */
  readonly daliIndex: string;
}

/** Its Energon index as it is published. */
export function indexOf({ index }: Pick<FinishedShard, "index">): Uint8Array {
  return energonIndex(index.slice(0, -1), index.at(-1) ?? 0);
}
