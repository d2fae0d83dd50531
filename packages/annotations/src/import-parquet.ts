import type { DuckDBConnection } from "@duckdb/node-api";
import { fetchFile } from "./fetch-file.ts";
import type { FileImport } from "./file-import.ts";
import { firstLines, invalidAnnotations, requireColumns } from "./invalid-annotations.ts";
import { sqlText } from "./open-database.ts";

/** A parquet table into the table `raw`. Numbers, lists and structs become what JSON has for them. */
export async function importParquet(
  connection: DuckDBConnection,
  input: FileImport,
  signal: AbortSignal,
): Promise<void> {
  const { file, subset, set } = input.found;
  await fetchFile(input.source, input.temporaryPath, input.onBytes, signal);
  const source = `read_parquet(${sqlText(input.temporaryPath)})`;
  try {
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
    const columns = described.getRowObjectsJson().map((row) => String(row.column_name));
    requireColumns(file, [input.key, ...input.required], columns);
    const key = `"${input.key.replaceAll('"', '""')}"`;
    await connection.run(
      `INSERT INTO raw SELECT ${subset === null ? "NULL" : sqlText(subset)}, ${sqlText(set)},
         nullif(CAST(${key} AS VARCHAR), ''), CAST(to_json(t) AS VARCHAR) FROM ${source} AS t`,
    );
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof Error && error.name === "Failure"
      ? error
      : invalidAnnotations(file, firstLines(error), error);
  }
}
