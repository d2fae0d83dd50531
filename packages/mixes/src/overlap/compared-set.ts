import type { SamplePrints } from "@shardmill/shards";

/** A sample as it is compared with others. */
export interface ComparedSample extends SamplePrints {
  /** What its media is a piece of; null where nothing tells. */
  readonly group: string | null;
}

/** An output, or some shards of it, whose samples are compared with others. */
export interface ComparedSet {
  readonly name: string;
  /** The catalogue's entry that it is of. */
  readonly entry: string;
  readonly shards: readonly { readonly shard: string; readonly subset: string | null }[];
  /** Called once and again: a shard is read as often as there are blocks to compare it with. */
  read(shard: string, signal: AbortSignal): Promise<readonly ComparedSample[]>;
}

export const causes = ["group", "picture", "fingerprint"] as const;
export type Cause = (typeof causes)[number];

export interface SampleOfPair {
  readonly shard: string;
  readonly subset: string | null;
  readonly key: string;
}

/** Two samples that are related, and by what. */
export interface RelatedPair {
  readonly by: Cause;
  readonly a: SampleOfPair;
  readonly b: SampleOfPair;
  /** The group or the picture's sha256 that both have; of fingerprints null. */
  readonly of: string | null;
  /** Bits that differ in the first, middle and last frame, null where a frame has no print; of others null. */
  readonly distances: readonly (number | null)[] | null;
}
