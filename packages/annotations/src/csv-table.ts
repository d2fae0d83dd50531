import type { FileIdentity } from "@shardmill/core";
import { csvRows } from "./csv-rows.ts";
import { requireColumns } from "./invalid-annotations.ts";
import { type TableRow, TableShapeError } from "./table-row.ts";

/** The rows of a CSV by the names of its header. Every value stays the text it is; an empty one is null. */
export async function* csvTable(
  file: FileIdentity,
  required: readonly string[],
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<TableRow> {
  let columns: readonly string[] | null = null;
  for await (const { fields, line, lines, problem } of csvRows(chunks)) {
    if (columns === null) {
      if (fields === null) throw new TableShapeError(`the header cannot be read: ${problem}`);
      columns = checkedHeader(file, required, fields);
      continue;
    }
    const place = lines === 1 ? `line ${line}` : `lines ${line} to ${line + lines - 1}`;
    if (fields === null) yield { kind: "bad", place, detail: problem ?? "", weight: lines };
    else if (fields.length !== columns.length) {
      const detail = `expected ${columns.length} columns, found ${fields.length}`;
      yield { kind: "bad", place, detail, weight: 1 };
    } else yield { kind: "record", place, fields: recordOf(columns, fields), notFinite: 0 };
  }
}

function recordOf(columns: readonly string[], fields: readonly string[]): Record<string, string | null> {
  return Object.fromEntries(columns.map((name, index) => [name, fields[index] || null]));
}

function checkedHeader(
  file: FileIdentity,
  required: readonly string[],
  columns: readonly string[],
): readonly string[] {
  requireColumns(file, required, columns);
  requireDistinct(columns);
  return columns;
}

/** Throws where two columns have one name: nobody can tell which is meant. */
export function requireDistinct(columns: readonly string[]): void {
  const repeated = columns.find((name, index) => columns.indexOf(name) !== index);
  if (repeated !== undefined) throw new TableShapeError(`it names the column ${repeated} twice`);
}
