import type { AnnotationRecord, Remark } from "@shardmill/core";

/** A member that looks for its records. */
export interface AnnotationQuery {
  readonly subset: string | null;
  /** The member's full name in its archive. */
  readonly name: string;
}

/** Records of one member, in the order of the catalogue's files; empty where nothing matches. */
export type Matched = readonly AnnotationRecord[] | "ambiguous";

export interface IndexedRecord {
  readonly subset: string | null;
  /** What the record calls its media, in the spelling of core/name-form.ts; empty where it names none. */
  readonly media: string;
  readonly record: AnnotationRecord;
}

/** All annotations of a dataset, on disk, ready to be joined with members. Read-only; many processes may hold it open. */
export interface AnnotationIndex {
  /** Hash of the files' identities and of the catalogue's rule: the annotations' part of a shard's identity. */
  readonly id: string;
  /** Records in the files. */
  readonly count: number;
  /** Records that a first one for the same media makes void (duplicates: first). */
  readonly duplicates: number;
  /** Records that could not be read, values that are not finite, columns that no record has. */
  readonly remarks: readonly Remark[];
  /** One answer per query, in their order. */
  lookup(queries: readonly AnnotationQuery[], signal: AbortSignal): Promise<Matched[]>;
  /** Every record, in file order. */
  records(signal: AbortSignal): AsyncIterable<IndexedRecord>;
  close(): void;
}
