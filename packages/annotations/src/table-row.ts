import type { ByteSource, FileIdentity, RecordFormat } from "@shardmill/core";

/** A table of records: an annotation file, or a URL list. */
export interface Table {
  readonly file: FileIdentity;
  readonly source: ByteSource;
  readonly format: RecordFormat;
  /** Columns that must be there. */
  readonly required: readonly string[];
  /** Of a parquet table the only ones that are fetched, beside the required ones; without it, all. */
  readonly columns?: readonly string[] | undefined;
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

export interface TableRecord {
  readonly kind: "record";
  /** `line 7`, `record 7` of a JSON array, `row 7` of a parquet file. */
  readonly place: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The fields as JSON, where the file has them so. */
  readonly text?: string;
  /** Values that were NaN or an infinity and are null. */
  readonly notFinite: number;
}

/** A record that cannot be read. Its neighbours are as usable as without it. */
export interface BadRecord {
  readonly kind: "bad";
  readonly place: string;
  readonly detail: string;
  /** Records that it may have been: lines that a quote without an end has swallowed. */
  readonly weight: number;
}

export type TableRow = TableRecord | BadRecord;

/** Thrown for a file that is no such table at all; the caller knows the file's name. */
export class TableShapeError extends Error {}
