import type { DuckDBConnection } from "@duckdb/node-api";
import { type FileImport, sourceBytes } from "./file-import.ts";
import { invalidAnnotations, requireColumns } from "./invalid-annotations.ts";
import { JsonShapeError, jsonElements } from "./json-elements.ts";
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
  const writer = await RawWriter.open(connection);
  let number = 0;
  try {
    const elements = jsonElements(sourceBytes(input, signal), format === "json" ? "array" : "lines");
    for await (const text of elements) {
      number += 1;
      const record = parsedRecord(text);
      if (record === null)
        throw new JsonShapeError(`element ${number} is no JSON object: ${text.slice(0, 80)}`);
      if (number === 1)
        requireColumns(
          file,
          [input.key, ...input.required],
          Object.keys(record),
          "fields of the first record",
        );
      writer.add(subset, set, record[input.key], text);
    }
    writer.finish();
  } catch (error) {
    writer.abandon();
    throw error instanceof JsonShapeError ? invalidAnnotations(file, error.message, error) : error;
  } finally {
    writer.close();
  }
}

function parsedRecord(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
