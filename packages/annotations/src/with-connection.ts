import type { DuckDBConnection } from "@duckdb/node-api";
import type { Database } from "./open-database.ts";

/** A connection for one piece of work. When the signal fires the running statement is stopped and the reason thrown. */
export async function withConnection<T>(
  database: Database,
  signal: AbortSignal,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const connection = await database.connect();
  const stop = (): void => connection.interrupt();
  signal.addEventListener("abort", stop, { once: true });
  try {
    signal.throwIfAborted();
    return await work(connection);
  } catch (error) {
    // An interrupted statement ends with an error of its own.
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
    connection.closeSync();
  }
}
