import type { Counts, Dataset, Remark, Toolchain } from "@shardmill/core";
import type { OutputFacts, TermsRow } from "@shardmill/mixes";
import type { Distribution } from "./distribution.ts";

/** A picture for the sample sheet. */
export interface SheetFrame {
  readonly key: string;
  readonly jpeg: Uint8Array;
}

/** What a sample of a set of texts begins with. */
export interface SheetText {
  readonly key: string;
  readonly text: string;
}

/** A key of the samples' JSON, with the type that its values have. */
export interface SampleField {
  readonly name: string;
  readonly type: "text" | "integer" | "float" | "boolean";
  readonly isList: boolean;
}

/** All that the report says of an output. */
export interface SetFacts {
  readonly facts: OutputFacts;
  /** The catalogue's entry of today, with what the user knows of its terms. */
  readonly dataset: Dataset;
  readonly terms: readonly TermsRow[];
  readonly parts: {
    /** Of those asked for, by state, in a fixed order. */
    readonly byState: Readonly<Record<string, number>>;
    readonly asked: number;
    readonly listed: number;
  };
  readonly counts: Counts;
  /** Samples whose text was cut. */
  readonly cut: number;
  /** Annotations without a member; null where nobody knows yet. */
  readonly unmatched: number | null;
  readonly remarks: readonly Remark[];
  /** Commits of the source that its parts were made from, in order. */
  readonly revisions: readonly string[];
  /** Of its shards: when the first and the last was committed (ISO). Null where there is none. */
  readonly committed: { readonly first: string; readonly last: string } | null;
  readonly toolchains: readonly Toolchain[];
  readonly bytesRead: number;
  readonly distributions: readonly Distribution[];
  /** What was read for the distributions, besides the manifests. */
  readonly read: { readonly ledgers: number; readonly tars: number; readonly samples: number };
  readonly fields: readonly SampleField[];
  /** None of a set of texts, whose placeholder shows nothing. */
  readonly sheet: readonly SheetFrame[];
  /** Of a set of texts, in place of frames. */
  readonly sheetTexts: readonly SheetText[];
}
