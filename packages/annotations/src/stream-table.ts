import type { ByteSource, FileIdentity, TableFormat } from "@shardmill/core";
import { csvRecords } from "./csv-records.ts";
import { jsonRecords } from "./json-records.ts";

export interface TableInput {
  readonly file: FileIdentity;
  readonly source: ByteSource;
  /** Parquet has a layout of its own and is read by packages/archives. */
  readonly format: Exclude<TableFormat, "parquet">;
  /** Columns that must be there. */
  readonly required: readonly string[];
}

/** The rows of a table in file order, one in memory at a time; `annotations_invalid` where it is no such table. */
export async function* streamTable(
  { file, source, format, required }: TableInput,
  signal: AbortSignal,
): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const chunks = source.read({ start: 0, end: source.sizeBytes }, signal);
  if (format === "csv") yield* csvRecords(file, required, chunks);
  else
    for await (const { fields } of jsonRecords(file, required, format === "json" ? "array" : "lines", chunks))
      yield fields;
}
