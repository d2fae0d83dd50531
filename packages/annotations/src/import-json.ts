import type { DuckDBConnection } from "@duckdb/node-api";
import { type FileImport, sourceBytes } from "./file-import.ts";
import { jsonRecords } from "./json-records.ts";
import { RawWriter } from "./raw-writer.ts";

/**
 * A JSON array or JSON lines into the table `raw`, straight from the source: no copy on disk, one element in memory.
 * (DuckDB's own reader needs eight times the largest element as buffer, which one long conversation makes too much.)
 */
export async function importJson(
  connection: DuckDBConnection,
  input: FileImport,
  signal: AbortSignal,
): Promise<void> {
  const { file, subset, set, format } = input.found;
  const shape = format === "json" ? "array" : "lines";
  const writer = await RawWriter.open(connection);
  try {
    const required = [input.key, ...input.required];
    for await (const { text, fields } of jsonRecords(file, required, shape, sourceBytes(input, signal)))
      writer.add(subset, set, fields[input.key], text);
    writer.finish();
  } catch (error) {
    writer.abandon();
    throw error;
  } finally {
    writer.close();
  }
}
