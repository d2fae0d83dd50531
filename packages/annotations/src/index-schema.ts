import { type AnnotationRecord, isCode, parseExactJson, type Remark } from "@shardmill/core";
import type { Database } from "./open-database.ts";

/** Changed whenever the tables or their meaning change: an index of another version is made again. */
export const indexVersion = 2;

/** Records in file order: `rowid` is that order. */
export const rawTable =
  "CREATE TABLE raw (subset VARCHAR, set_name VARCHAR NOT NULL, media VARCHAR, fields VARCHAR NOT NULL)";

/** Names of media in the one spelling in which they are joined (core/name-form.ts). */
export const oneSpelling =
  "UPDATE raw SET media = nfc_normalize(media) WHERE media IS NOT NULL AND media <> nfc_normalize(media)";

/** What was found while the files were read. */
export const remarkTable =
  "CREATE TABLE remark (code VARCHAR NOT NULL, detail VARCHAR NOT NULL, times BIGINT NOT NULL)";

export type Rung = "exact" | "without-subset" | "with-subset" | "basename" | "stem";

/** What is compared on each rung: the column of `media` with the column of the queries, in this order. */
export const rungColumns: Record<Rung, readonly (readonly [media: string, query: string])[]> = {
  exact: [["exact", "exact"]],
  "without-subset": [["tail", "tail"]],
  "with-subset": [["exact", "below"]],
  basename: [["base", "base"]],
  // A folder of frames has no extension to lose: its whole name is tried first.
  stem: [
    ["stem", "base"],
    ["stem", "stem"],
  ],
};

/** How each form of a name is made, from the form before it. Both separators count, as everywhere (core/names.ts). */
const forms: Record<string, string> = {
  tail: `CASE WHEN subset IS NOT NULL AND starts_with(exact, subset || '/') THEN substr(exact, length(subset) + 2)
    ELSE exact END`,
  base: "CASE WHEN contains(exact, '/') THEN regexp_replace(exact, '(?s)^.*/', '') ELSE exact END",
  stem: "regexp_replace(base, '(?s)^(.+)\\.[^.]*$', '\\1')",
};

/**
 * One row for each media that records name, known by the row of its first record, with the forms of its name that the
 * ladder compares.
 */
export function mediaTable(ladder: readonly Rung[]): string {
  const compared = new Set(ladder.flatMap((rung) => rungColumns[rung].map(([media]) => media)));
  // A stem is made from a base, so that it needs one.
  if (compared.has("stem")) compared.add("base");
  const columns = Object.keys(forms).filter((form) => compared.has(form));
  const made = columns.map((column) => `${forms[column]} AS ${column}`);
  return `CREATE TABLE media AS SELECT ${["*", ...made].join(", ")} FROM (
    SELECT min(rowid) AS first_row, subset, media,
      regexp_replace(replace(media, chr(92), '/'), '^(\\./)+', '') AS exact
    FROM raw WHERE media IS NOT NULL GROUP BY subset, media)`;
}

/** A record as the table `raw` holds it. */
export function storedRecord(set: unknown, fields: unknown): AnnotationRecord {
  const parsed = parseExactJson(String(fields)).value;
  return { set: String(set), fields: typeof parsed === "object" && parsed !== null ? { ...parsed } : {} };
}

/** What an index says about itself. */
export interface IndexFacts {
  readonly ladder: readonly Rung[];
  readonly takesFirst: boolean;
  readonly count: number;
  readonly duplicates: number;
  readonly remarks: readonly Remark[];
}

export async function readIndexFacts(database: Database): Promise<IndexFacts> {
  const connection = await database.connect();
  try {
    const reader = await connection.runAndReadAll(
      `SELECT match, duplicates, (SELECT count(*) FROM raw)::DOUBLE, (SELECT count(media) FROM raw)::DOUBLE,
         (SELECT count(*) FROM media)::DOUBLE FROM meta`,
    );
    const [match, duplicates, count, named, media] = reader.getRowsJson()[0] ?? [];
    const found = await connection.runAndReadAll("SELECT code, detail, times::DOUBLE FROM remark");
    const takesFirst = duplicates === "first";
    return {
      ladder: String(match)
        .split(",")
        .filter((word): word is Rung => Object.hasOwn(rungColumns, word)),
      takesFirst,
      count: Number(count),
      duplicates: takesFirst ? Number(named) - Number(media) : 0,
      remarks: found.getRowsJson().flatMap(([code, detail, times]) => {
        const known = String(code);
        return isCode(known) ? [{ code: known, detail: String(detail), count: Number(times) }] : [];
      }),
    };
  } finally {
    connection.closeSync();
  }
}
