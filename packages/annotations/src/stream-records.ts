import type { IndexedRecord } from "./annotation-index.ts";
import type { Database } from "./open-database.ts";
import { storedRecord } from "./stored-record.ts";

/** Every record in file order, some thousand in memory at a time. */
export async function* streamRecords(database: Database, signal: AbortSignal): AsyncGenerator<IndexedRecord> {
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
