import type { MixEntry, MixReader } from "@shardmill/core";
import type { OutputFacts, ShardFacts, Sums } from "../facts/output-facts.ts";
import type { TermsRow } from "../terms/output-terms.ts";

/** What is wrong with a mix, at the path of its key. */
export interface MixProblem {
  /** `sets.0.weight`; empty for all of it. */
  readonly path: string;
  readonly message: string;
  readonly line?: number;
  /** mistake: of what is written; state: of what there is; terms: of what may be done with it. */
  readonly kind: "mistake" | "state" | "terms";
  /** Words of a command of `shardmill` that mends it, without its output folder. */
  readonly command?: readonly string[];
}

/** A sample that the mix leaves out, found in one of its shards. */
export interface ExcludedKey {
  readonly key: string;
  readonly shard: string;
  /** `listed` in its file, `withdrawn` from its output, or `overlaps:<output>`. */
  readonly reason: string;
  readonly frames: number;
  readonly tokens: Sums["tokens"];
  readonly durationMs: number;
}

/** An output as the mix takes it. */
export interface PlannedSet {
  /** `sets.0` or `text`. */
  readonly path: string;
  /** The path of the key that names it. */
  readonly key: string;
  readonly role: "set" | "text";
  readonly facts: OutputFacts;
  /** Those of the subsets that it takes. */
  readonly shards: readonly ShardFacts[];
  readonly excluded: readonly ExcludedKey[];
  /** Of its shards without the samples that are left out; bytes are those of whole shards, which a reader reads. */
  readonly sums: Sums;
  readonly weight: number | "natural";
  /** Of all samples that a reader draws, 0 to 1. */
  readonly share: number;
  readonly terms: readonly TermsRow[];
}

/** A mix worked out: what readers are told. Complete only where nothing is wrong with it. */
export interface MixPlan {
  readonly name: string;
  readonly title: string;
  readonly entry: MixEntry;
  readonly readers: readonly MixReader[];
  readonly sets: readonly PlannedSet[];
  readonly sums: Sums;
  /** sha256 of the shards that it names, with their sha256: what it is made of. */
  readonly identity: string;
  /** Outputs that it has nothing in common with. */
  readonly decontaminated: readonly string[];
  readonly notes: readonly string[];
}
