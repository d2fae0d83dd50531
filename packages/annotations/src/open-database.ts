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
export function loadDuckDb(): Promise<typeof import("@duckdb/node-api")> {
  return import("@duckdb/node-api");
}

/** A text as an SQL literal; for the places where a statement takes no parameter. */
function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
