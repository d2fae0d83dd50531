import type { DuckDBConnection } from "@duckdb/node-api";
import { type AnnotationRecord, basename, nameForm, stem } from "@shardmill/core";
import type { AnnotationQuery, Matched } from "./annotation-index.ts";
import { type IndexFacts, rungColumns, storedRecord } from "./index-schema.ts";
import { type Database, withConnection } from "./open-database.ts";

/**
 * Joins names with records, rung by rung: a name that exactly one media has on a rung is matched, one that several have
 * is ambiguous (a looser rung would not decide it), any other goes on to the next rung.
 */
export async function lookup(
  database: Database,
  facts: IndexFacts,
  queries: readonly AnnotationQuery[],
  signal: AbortSignal,
): Promise<Matched[]> {
  if (queries.length === 0) return [];
  return withConnection(database, signal, async (connection) => {
    await fillQueries(connection, queries);
    await connection.run("CREATE TEMP TABLE hit (query INTEGER, matches BIGINT, media BIGINT)");
    for (const rung of facts.ladder)
      for (const [media, query] of rungColumns[rung]) await connection.run(rungStatement(media, query));
    const answers = new Map<number, AnnotationRecord[] | "ambiguous">();
    const unclear = await connection.runAndReadAll("SELECT query FROM hit WHERE matches > 1");
    for (const [query] of unclear.getRowsJson()) answers.set(Number(query), "ambiguous");
    await readRecords(connection, facts, answers);
    return queries.map((_, number) => answers.get(number) ?? []);
  });
}

async function fillQueries(connection: DuckDBConnection, queries: readonly AnnotationQuery[]): Promise<void> {
  await connection.run(
    "CREATE TEMP TABLE query (id INTEGER, subset VARCHAR, exact VARCHAR, tail VARCHAR, below VARCHAR, base VARCHAR, stem VARCHAR)",
  );
  const appender = await connection.createAppender("query", null, "temp");
  for (const [number, { subset, name }] of queries.entries()) {
    const exact = nameForm(name)
      .replaceAll("\\", "/")
      .replace(/^(\.\/)+/, "");
    const prefix = `${subset}/`;
    appender.appendInteger(number);
    if (subset === null) appender.appendNull();
    else appender.appendVarchar(subset);
    appender.appendVarchar(exact);
    appender.appendVarchar(subset !== null && exact.startsWith(prefix) ? exact.slice(prefix.length) : exact);
    if (subset === null) appender.appendNull();
    else appender.appendVarchar(`${prefix}${basename(exact)}`);
    appender.appendVarchar(basename(exact));
    appender.appendVarchar(stem(exact));
    appender.endRow();
  }
  appender.closeSync();
}

function rungStatement(mediaColumn: string, queryColumn: string): string {
  return `INSERT INTO hit
    SELECT q.id, count(*), min(m.first_row) FROM query q JOIN media m ON m.${mediaColumn} = q.${queryColumn}
    WHERE (q.subset IS NULL OR m.subset IS NULL OR q.subset = m.subset) AND q.id NOT IN (SELECT query FROM hit)
    GROUP BY q.id`;
}

/** First the numbers of the rows, from narrow columns; then only those rows' texts. */
async function readRecords(
  connection: DuckDBConnection,
  { takesFirst }: IndexFacts,
  answers: Map<number, AnnotationRecord[] | "ambiguous">,
): Promise<void> {
  const rows = takesFirst
    ? "SELECT query, media AS row_id FROM hit WHERE matches = 1"
    : `SELECT h.query, r.rowid AS row_id FROM hit h JOIN media m ON m.first_row = h.media
       JOIN raw r ON r.media = m.media AND r.subset IS NOT DISTINCT FROM m.subset WHERE h.matches = 1`;
  await connection.run(`CREATE TEMP TABLE wanted AS ${rows}`);
  const result = await connection.stream(
    `SELECT w.query, r.set_name, r.fields FROM wanted w JOIN raw r ON r.rowid = w.row_id ORDER BY w.row_id, w.query`,
  );
  for await (const chunk of result.yieldRowsJson())
    for (const [query, set, fields] of chunk) {
      const known = answers.get(Number(query));
      const record = storedRecord(set, fields);
      if (known === undefined) answers.set(Number(query), [record]);
      else if (known !== "ambiguous") known.push(record);
    }
}
