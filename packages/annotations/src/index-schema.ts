/** Changed whenever the tables or their meaning change: an index of another version is made again. */
export const indexVersion = 1;

/** Records in file order: `rowid` is that order. */
export const rawTable =
  "CREATE TABLE raw (subset VARCHAR, set_name VARCHAR NOT NULL, media VARCHAR, fields VARCHAR NOT NULL)";

/**
 * One row for each media that records name, with every form of the name that a rung of the ladder compares.
 * Both separators count, as everywhere (core/names.ts).
 */
export const mediaTable = `CREATE TABLE media AS
  SELECT *, regexp_replace(base, '(?s)^(.+)\\.[^.]*$', '\\1') AS stem
  FROM (
    SELECT *,
      CASE WHEN subset IS NOT NULL AND starts_with(exact, subset || '/') THEN substr(exact, length(subset) + 2)
        ELSE exact END AS tail,
      regexp_replace(exact, '(?s)^.*/', '') AS base
    FROM (
      SELECT row_number() OVER (ORDER BY min(rowid)) AS id, subset, media, min(rowid) AS first_row,
        regexp_replace(replace(media, chr(92), '/'), '^(\\./)+', '') AS exact
      FROM raw WHERE media IS NOT NULL GROUP BY subset, media
    )
  )`;

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
