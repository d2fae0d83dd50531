import { mkdtemp, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { DuckDBAppender } from "@duckdb/node-api";
import { openDatabase, withConnection } from "./open-database.ts";

export type ColumnKind = "text" | "integer";

/** The appender keeps rows in memory until it is flushed. */
const flushRows = 20_000;

/** A table as a parquet file, by way of a database beside it that goes away: memory stays flat. Returns the rows. */
export async function writeParquet<Name extends string>(
  table: {
    readonly columns: Readonly<Record<Name, ColumnKind>>;
    readonly rows: AsyncIterable<Readonly<Record<Name, string | number | null>>>;
  },
  path: string,
  signal: AbortSignal,
): Promise<number> {
  const target = resolve(path);
  const folder = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
  const database = await openDatabase(join(folder, "table"), { isReadOnly: false, memoryLimitMb: 256 });
  const columns = Object.keys(table.columns) as Name[];
  try {
    const count = await withConnection(database, signal, async (connection) => {
      const types = columns.map(
        (name) => `"${name}" ${table.columns[name] === "text" ? "VARCHAR" : "BIGINT"}`,
      );
      await connection.run(`CREATE TABLE rows (${types.join(", ")})`);
      const appender = await connection.createAppender("rows");
      let added = 0;
      try {
        for await (const row of table.rows) {
          signal.throwIfAborted();
          for (const name of columns) appendValue(appender, row[name]);
          appender.endRow();
          added += 1;
          if (added % flushRows === 0) appender.flushSync();
        }
        appender.flushSync();
      } finally {
        appender.closeSync();
      }
      const file = join(folder, "table.parquet").replaceAll("'", "''");
      await connection.run(`COPY rows TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
      return added;
    });
    await rename(join(folder, "table.parquet"), target);
    return count;
  } finally {
    database.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function appendValue(appender: DuckDBAppender, value: string | number | null): void {
  if (value === null) appender.appendNull();
  else if (typeof value === "number") appender.appendBigInt(BigInt(value));
  else appender.appendVarchar(value);
}
