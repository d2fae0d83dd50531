import type { RecordFormat, RemarkBook } from "@shardmill/core";
import { cocoTable } from "./coco-table.ts";
import { csvTable } from "./csv-table.ts";
import { invalidAnnotations } from "./invalid-annotations.ts";
import { jsonTable } from "./json-table.ts";
import { parquetTable } from "./parquet-table.ts";
import { type AuditOptions, TableAudit } from "./table-audit.ts";
import { headBytes, otherContent } from "./table-content.ts";
import { type Table, type TableRow, TableShapeError } from "./table-row.ts";
import { textsTable } from "./texts-table.ts";

/** The records of a table in file order, bad ones among them; `annotations_invalid` where it is no such table. */
export async function* tableRows(table: Table, signal: AbortSignal): AsyncGenerator<TableRow> {
  try {
    yield* rowsOf(table, signal);
  } catch (error) {
    throw error instanceof TableShapeError ? invalidAnnotations(table.file, error.message, error) : error;
  }
}

function rowsOf(table: Table, signal: AbortSignal): AsyncIterable<TableRow> {
  const { file, required, format } = table;
  if (format === "parquet") return parquetTable(table, signal);
  if (format === "texts") return textsTable(table, signal);
  const chunks = checkedBytes(table, format, signal);
  if (format === "coco") return cocoTable(chunks);
  if (format === "csv") return csvTable(file, required, chunks);
  return jsonTable(format === "json" ? "array" : "lines", chunks);
}

/** The file's bytes, once its beginning is what it should be; counted as they are taken. */
async function* checkedBytes(
  { source, onBytes }: Table,
  format: Exclude<RecordFormat, "parquet" | "texts">,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const held: Uint8Array[] = [];
  let bytes = 0;
  let isChecked = false;
  const check = (): Uint8Array => {
    const head = Buffer.concat(held);
    const other = otherContent(head.subarray(0, headBytes), format);
    if (other !== null) throw new TableShapeError(other);
    isChecked = true;
    return head;
  };
  for await (const chunk of source.read({ start: 0, end: source.sizeBytes }, signal)) {
    signal.throwIfAborted();
    if (isChecked) yield chunk;
    else {
      held.push(chunk.slice());
      bytes += chunk.length;
      if (bytes >= headBytes) yield check();
    }
    onBytes?.(chunk.length);
  }
  if (!isChecked) yield check();
}

export interface TableInput extends Table, AuditOptions {
  /** Told at the end of what was found: bad records, values that are not finite. */
  readonly remarks?: RemarkBook | undefined;
  /** Told at the end which columns any record had (of a parquet file, those that were read), and how many records there are. */
  readonly onEnd?:
    | ((audit: { readonly columns: ReadonlySet<string>; readonly records: number }) => void)
    | undefined;
}

/**
 * The records of a table in file order, one in memory at a time. Bad ones are among them, so that positions stay;
 * `annotations_invalid` where it is no such table, or at the end where too many are bad.
 */
export async function* streamTable(input: TableInput, signal: AbortSignal): AsyncGenerator<TableRow> {
  const audit = new TableAudit(input, input);
  for await (const row of tableRows(input, signal)) {
    audit.add(row);
    yield row;
  }
  if (input.remarks !== undefined) audit.finish(input.remarks);
  input.onEnd?.(audit);
}
