import type { FileIdentity } from "@shardmill/core";
import { CsvShapeError, csvRows } from "./csv-rows.ts";
import { invalidAnnotations, requireColumns } from "./invalid-annotations.ts";

/** The rows of a CSV by the names of its header. Every value stays the text it is; an empty one is null. */
export async function* csvRecords(
  file: FileIdentity,
  required: readonly string[],
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Record<string, string | null>> {
  let columns: readonly string[] | null = null;
  let number = 0;
  try {
    for await (const row of csvRows(chunks)) {
      number += 1;
      if (columns === null) {
        columns = checkedHeader(file, required, row);
        continue;
      }
      if (row.length !== columns.length)
        throw new CsvShapeError(`row ${number}: expected ${columns.length} columns, found ${row.length}`);
      const record: Record<string, string | null> = {};
      for (const [index, name] of columns.entries()) record[name] = row[index] || null;
      yield record;
    }
    if (columns === null) throw new CsvShapeError("the file is empty");
  } catch (error) {
    throw error instanceof CsvShapeError ? invalidAnnotations(file, error.message, error) : error;
  }
}

function checkedHeader(
  file: FileIdentity,
  required: readonly string[],
  columns: readonly string[],
): readonly string[] {
  requireColumns(file, required, columns);
  const repeated = columns.find((name, index) => columns.indexOf(name) !== index);
  if (repeated !== undefined) throw new CsvShapeError(`the header names the column ${repeated} twice`);
  return columns;
}
