import { Failure, type RemarkBook } from "@shardmill/core";
import { namesText } from "./invalid-annotations.ts";

/** Columns that samples are made of. */
export interface ReadColumns {
  /** Of the text adapter: without each of these no sample has its text. */
  readonly text: readonly string[];
  /** What records may be without, and what is made of them then is told: the times of a stretch, a question's options. */
  readonly optional: readonly string[];
  /** Of the catalogue's `fields`, with their types: without one its key is null in every sample. */
  readonly fields: Readonly<Record<string, "string" | "int" | "float">>;
  /** All of them. */
  readonly all: readonly string[];
}

/** Tables that belong together, as far as they have been read: a column may be in any of them. */
export interface ColumnsSeen {
  readonly path: string;
  readonly columns: ReadonlySet<string>;
  readonly records: number;
}

/**
 * Throws `annotations_invalid` where the text adapter reads a column that no record has: a slip in the catalogue, and not a
 * thousand records without a text. What is optional, and a column of `fields`, is only told.
 */
export function checkReadColumns(reads: ReadColumns, all: readonly ColumnsSeen[], remarks: RemarkBook): void {
  const tables = all.filter(({ records }) => records > 0);
  const [first] = tables;
  if (first === undefined) return;
  const seen = new Set(tables.flatMap(({ columns }) => [...columns]));
  const where = namesText(tables.map(({ path }) => path));
  const lacking = reads.text.filter((name) => !seen.has(name));
  if (lacking.length > 0)
    throw new Failure(
      "annotations_invalid",
      `${where}: no record has ${lacking.join(", ")}, which the catalogue reads; found ${namesText([...seen])}`,
      { where: { path: first.path } },
    );
  const tell = (name: string, reader: string): void => {
    if (seen.has(name)) return;
    const detail = `${where}: no record has ${name}, which ${reader}; found ${namesText([...seen])}`;
    remarks.add("column_absent", detail, name);
  };
  for (const name of reads.optional) tell(name, "the catalogue reads where it is there");
  for (const name of Object.keys(reads.fields)) tell(name, "fields reads");
}
