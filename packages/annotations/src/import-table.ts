import type { DuckDBAppender, DuckDBConnection } from "@duckdb/node-api";
import {
  type AnnotationFileFound,
  type ByteSource,
  columnOf,
  exactJsonText,
  keyAt,
  mediaName,
  type RemarkBook,
} from "@shardmill/core";
import { type AuditOptions, TableAudit } from "./table-audit.ts";
import type { Table, TableRecord, TableRow } from "./table-row.ts";
import { tableRows } from "./table-rows.ts";

/** One annotation file on its way into the table `raw(subset, set_name, media, fields)`. */
export interface FileImport extends AuditOptions {
  readonly found: AnnotationFileFound;
  readonly source: ByteSource;
  /** Field that names the media. */
  readonly key: string;
  readonly required: readonly string[];
  readonly columns?: readonly string[] | undefined;
  readonly onBytes: (bytes: number) => void;
}

/** A file into the table `raw`, straight from the source: no copy on disk, one record in memory. */
export async function importTable(
  connection: DuckDBConnection,
  input: FileImport,
  remarks: RemarkBook,
  signal: AbortSignal,
): Promise<TableAudit> {
  const { file, subset, set, format } = input.found;
  const { source, onBytes } = input;
  // Of texts it is the file's name.
  const key = format === "texts" ? "name" : input.key;
  // A place inside a record may begin in a column, or a column may be called like one.
  const isColumn = format === "csv" || columnOf(key) === key;
  const required = format === "texts" ? [] : isColumn ? [key, ...input.required] : input.required;
  const columns = input.columns === undefined ? undefined : [...input.columns, key, columnOf(key)];
  const table: Table = { file, source, format, required, columns, onBytes };
  const audit = new TableAudit(table, input);
  const writer = await RawWriter.open(connection);
  try {
    for await (const found of tableRows(table, signal)) {
      const row = format === "texts" ? asField(found, set) : found;
      const keyed = keyedRow(row, key);
      audit.add(keyed.kind === "bad" ? keyed : keyed.record);
      if (keyed.kind === "bad") continue;
      const { text, fields } = keyed.record;
      writer.add(subset, set, keyed.media, text ?? exactJsonText(fields));
    }
    audit.finish(remarks);
    writer.finish();
    return audit;
  } catch (error) {
    writer.abandon();
    throw error;
  } finally {
    writer.close();
  }
}

type Keyed =
  | { readonly kind: "keyed"; readonly media: string | null; readonly record: TableRecord }
  | Extract<TableRow, { kind: "bad" }>;

/** A text as a field that is called like its set. */
function asField(row: TableRow, set: string): TableRow {
  if (row.kind === "bad") return row;
  const { name, text } = row.fields;
  return { ...row, fields: { name, [set]: text } };
}

/** Nothing at all names no media, and is no mistake. */
function keyedRow(row: TableRow, key: string): Keyed {
  if (row.kind === "bad") return row;
  const value = keyAt(row, key) ?? null;
  const media = mediaName(value);
  if (media !== null || value === null || value === "") return { kind: "keyed", media, record: row };
  const found = Array.isArray(value) ? "a list" : typeof value === "boolean" ? "true or false" : "an object";
  const detail = `its ${key} is ${found}, expected a text or a number`;
  return { kind: "bad", place: row.place, detail, weight: 1 };
}

/** The appender keeps rows in memory until it is flushed, whatever their size. */
const flushBytes = 16 * 1024 * 1024;

/** Adds records to the table `raw`, in order. */
class RawWriter {
  readonly #appender: DuckDBAppender;
  #heldBytes = 0;

  private constructor(appender: DuckDBAppender) {
    this.#appender = appender;
  }

  static async open(connection: DuckDBConnection): Promise<RawWriter> {
    return new RawWriter(await connection.createAppender("raw"));
  }

  /** `media` is what the record names, null where it names none; `fields` is JSON. */
  add(subset: string | null, set: string, media: string | null, fields: string): void {
    if (subset === null) this.#appender.appendNull();
    else this.#appender.appendVarchar(subset);
    this.#appender.appendVarchar(set);
    if (media === null) this.#appender.appendNull();
    else this.#appender.appendVarchar(media);
    this.#appender.appendVarchar(fields);
    this.#appender.endRow();
    this.#heldBytes += fields.length;
    if (this.#heldBytes < flushBytes) return;
    this.#appender.flushSync();
    this.#heldBytes = 0;
  }

  finish(): void {
    this.#appender.flushSync();
  }

  /** After a mistake, what was not flushed is dropped. */
  abandon(): void {
    this.#appender.clear();
  }

  close(): void {
    this.#appender.closeSync();
  }
}
