import type { DuckDBConnection } from "@duckdb/node-api";
import { csvRecords } from "./csv-records.ts";
import { type FileImport, sourceBytes } from "./file-import.ts";
import { RawWriter } from "./raw-writer.ts";

/** A CSV into the table `raw`, straight from the source. */
export async function importCsv(
  connection: DuckDBConnection,
  input: FileImport,
  signal: AbortSignal,
): Promise<void> {
  const { file, subset, set } = input.found;
  const writer = await RawWriter.open(connection);
  try {
    for await (const record of csvRecords(file, [input.key, ...input.required], sourceBytes(input, signal)))
      writer.add(subset, set, record[input.key], JSON.stringify(record));
    writer.finish();
  } catch (error) {
    writer.abandon();
    throw error;
  } finally {
    writer.close();
  }
}
