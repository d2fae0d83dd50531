import { access } from "node:fs/promises";
import { join } from "node:path";
import { basename, Failure } from "@shardmill/core";
import type { AnnotationIndex, IndexedRecord } from "./annotation-index.ts";
import { readIndexFacts, storedRecord } from "./index-schema.ts";
import { lookup } from "./lookup.ts";
import { type Database, openDatabase } from "./open-database.ts";

/** Where the index of an identity lies. */
export function indexFile(dir: string, id: string): string {
  return join(dir, `annotations-${id.slice(0, 32)}.duckdb`);
}

/** The index of that identity, read-only, or null where the folder has none; `record_invalid` where it is damaged. */
export async function openAnnotationIndex(dir: string, id: string): Promise<AnnotationIndex | null> {
  const path = indexFile(dir, id);
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (!exists) return null;
  try {
    return await openIndex(path, id);
  } catch (cause) {
    throw new Failure("record_invalid", `the annotation index ${basename(path)} cannot be read`, {
      where: { path: basename(path) },
      cause,
    });
  }
}

async function openIndex(path: string, id: string): Promise<AnnotationIndex> {
  const database = await openDatabase(path, { isReadOnly: true, memoryLimitMb: 256 });
  try {
    const facts = await readIndexFacts(database);
    return {
      id,
      count: facts.count,
      duplicates: facts.duplicates,
      remarks: facts.remarks,
      lookup: (queries, signal) => lookup(database, facts, queries, signal),
      records: (signal) => streamRecords(database, signal),
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Every record in file order, some thousand in memory at a time. */
async function* streamRecords(database: Database, signal: AbortSignal): AsyncGenerator<IndexedRecord> {
  signal.throwIfAborted();
  const connection = await database.connect();
  const stop = (): void => connection.interrupt();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const result = await connection.stream("SELECT subset, media, set_name, fields FROM raw");
    for await (const rows of result.yieldRowsJson()) {
      signal.throwIfAborted();
      for (const [subset, media, set, fields] of rows)
        yield {
          subset: typeof subset === "string" ? subset : null,
          media: typeof media === "string" ? media : "",
          record: storedRecord(set, fields),
        };
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
    connection.closeSync();
  }
}
