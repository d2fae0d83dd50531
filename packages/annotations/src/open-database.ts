import { dirname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";

export interface Database {
  connect(): Promise<DuckDBConnection>;
  close(): void;
}

/**
 * A DuckDB database file that can reach nothing but its own folder: no extension is fetched or loaded, no other file is
 * read, and no statement can change that any more.
 */
export async function openDatabase(
  path: string,
  options: { readonly isReadOnly: boolean; readonly memoryLimitMb: number },
): Promise<Database> {
  const folder = dirname(path);
  const { DuckDBInstance } = await loadDuckDb();
  const instance = await DuckDBInstance.create(path, {
    access_mode: options.isReadOnly ? "READ_ONLY" : "READ_WRITE",
    memory_limit: `${options.memoryLimitMb}MB`,
    threads: "2",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    // A reader has nothing to spill and must not write beside a shared index.
    temp_directory: options.isReadOnly ? "" : `${folder}/spill`,
  });
  const connection = await instance.connect();
  try {
    if (!options.isReadOnly) await connection.run(`SET allowed_directories = [${sqlText(`${folder}/`)}]`);
    await connection.run("SET enable_external_access = false");
    await connection.run("SET lock_configuration = true");
  } catch (error) {
    instance.closeSync();
    throw error;
  } finally {
    connection.closeSync();
  }
  return { connect: () => instance.connect(), close: () => instance.closeSync() };
}

/** Loaded where a database is opened: it takes half a second of a processor, and most commands open none. */
function loadDuckDb(): Promise<typeof import("@duckdb/node-api")> {
  return import("@duckdb/node-api");
}

/** A text as an SQL literal; for the places where a statement takes no parameter. */
function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

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

/** Runs a real query in memory. Returns DuckDB's version. */
export async function tryDatabase(): Promise<string> {
  const { DuckDBInstance } = await loadDuckDb();
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  try {
    const connection = await instance.connect();
    const answer = await connection.runAndReadAll(
      "SELECT version(), (SELECT sum(i)::INTEGER FROM range(101) t(i))",
    );
    connection.closeSync();
    const [version, sum] = answer.getRows()[0] ?? [];
    if (sum !== 5_050) throw new Error(`expected DuckDB to add up to 5050, found ${String(sum)}`);
    return String(version);
  } finally {
    instance.closeSync();
  }
}
