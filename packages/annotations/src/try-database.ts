import { loadDuckDb } from "./open-database.ts";

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
