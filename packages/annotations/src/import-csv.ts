import type { DuckDBConnection } from "@duckdb/node-api";
import { CsvShapeError, csvRows } from "./csv-rows.ts";
import { type FileImport, sourceBytes } from "./file-import.ts";
import { invalidAnnotations, requireColumns } from "./invalid-annotations.ts";
import { RawWriter } from "./raw-writer.ts";

/** A CSV into the table `raw`, straight from the source. Every value stays the text it is; an empty one is null. */
export async function importCsv(
  connection: DuckDBConnection,
  input: FileImport,
  signal: AbortSignal,
): Promise<void> {
  const { file, subset, set } = input.found;
  const writer = await RawWriter.open(connection);
  let columns: readonly string[] | null = null;
  let number = 0;
  try {
    for await (const row of csvRows(sourceBytes(input, signal))) {
      number += 1;
      if (columns === null) {
        columns = checkedHeader(input, row);
        continue;
      }
      if (row.length !== columns.length)
        throw new CsvShapeError(`row ${number}: expected ${columns.length} columns, found ${row.length}`);
      const record: Record<string, string | null> = {};
      for (const [index, name] of columns.entries()) record[name] = row[index] || null;
      writer.add(subset, set, record[input.key], JSON.stringify(record));
    }
    if (columns === null) throw new CsvShapeError("the file is empty");
    writer.finish();
  } catch (error) {
    writer.abandon();
    throw error instanceof CsvShapeError ? invalidAnnotations(file, error.message, error) : error;
  } finally {
    writer.close();
  }
}

function checkedHeader({ found, key, required }: FileImport, columns: readonly string[]): readonly string[] {
  requireColumns(found.file, [key, ...required], columns);
  const repeated = columns.find((name, index) => columns.indexOf(name) !== index);
  if (repeated !== undefined) throw new CsvShapeError(`the header names the column ${repeated} twice`);
  return columns;
}
