import { csvTable } from "./csv-table.ts";
import { invalidAnnotations } from "./invalid-annotations.ts";
import { jsonTable } from "./json-table.ts";
import { parquetTable } from "./parquet-table.ts";
import { headBytes, otherContent } from "./table-content.ts";
import { type Table, type TableRow, TableShapeError } from "./table-row.ts";

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
  const chunks = checkedBytes(table, format, signal);
  if (format === "csv") return csvTable(file, required, chunks);
  return jsonTable(format === "json" ? "array" : "lines", chunks);
}

/** The file's bytes, once its beginning is what it should be; counted as they are taken. */
async function* checkedBytes(
  { source, onBytes }: Table,
  format: "csv" | "json" | "jsonl",
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
