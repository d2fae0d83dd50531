import { contentName, type ParquetLayout, readParquetLayout, streamParquetRows } from "@shardmill/archives";
import { Failure, readAll } from "@shardmill/core";
import { requireDistinct } from "./csv-table.ts";
import { requireColumns } from "./invalid-annotations.ts";
import { type Table, type TableRow, TableShapeError } from "./table-row.ts";

/** What a row that is no media may hold. */
const maxRowBytes = 64 * 1024 * 1024;
const headBytes = 512;

/** The rows of a parquet table, by the one reader of parquet that there is: DuckDB's renames columns that differ in case. */
export async function* parquetTable(table: Table, signal: AbortSignal): AsyncGenerator<TableRow> {
  const { columns: wanted, required } = table;
  const read = wanted === undefined ? null : new Set([...wanted, ...required]);
  const layout = await layoutOf(table, read, signal);
  requireColumns(table.file, required, layout.columns);
  const columns = read === null ? layout.columns : layout.columns.filter((column) => read.has(column));
  requireDistinct(columns);
  let notFinite = 0;
  const options = {
    firstRow: 0,
    lastRow: layout.rows - 1,
    columns,
    imagesField: null,
    maxBytes: maxRowBytes,
    onBytes: table.onBytes,
    onNotFinite: () => {
      notFinite += 1;
    },
  };
  for await (const row of readable(streamParquetRows(table.source, layout, options, signal))) {
    const content = row.kind === "member" ? row.content : null;
    const fields = content?.kind === "images" ? (content.record?.fields ?? {}) : {};
    yield { kind: "record", place: `row ${row.position}`, fields, notFinite };
    notFinite = 0;
  }
}

async function layoutOf(
  { source }: Table,
  columns: ReadonlySet<string> | null,
  signal: AbortSignal,
): Promise<ParquetLayout> {
  try {
    return await readParquetLayout(source, signal, columns === null ? null : [...columns]);
  } catch (error) {
    if (!isMalformed(error)) throw error;
    const end = Math.min(headBytes, source.sizeBytes);
    const found = contentName(await readAll(source, { start: 0, end }, signal));
    throw found === null || found.includes("parquet")
      ? new TableShapeError(error.message, { cause: error })
      : new TableShapeError(`this is ${found}, not parquet`, { cause: error });
  }
}

async function* readable<T>(rows: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* rows;
  } catch (error) {
    throw isMalformed(error) ? new TableShapeError(error.message, { cause: error }) : error;
  }
}

function isMalformed(error: unknown): error is Failure {
  return error instanceof Failure && error.code === "archive_malformed";
}
