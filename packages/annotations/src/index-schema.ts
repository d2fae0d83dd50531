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

export type Rung = "exact" | "without-subset" | "basename" | "stem";

/** What is compared on each rung: the column of `media` with the column of the queries, in this order. */
export const rungColumns: Record<Rung, readonly (readonly [media: string, query: string])[]> = {
  exact: [["exact", "exact"]],
  "without-subset": [["tail", "tail"]],
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
