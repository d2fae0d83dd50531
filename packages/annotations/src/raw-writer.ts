import type { DuckDBAppender, DuckDBConnection } from "@duckdb/node-api";

/** The appender keeps rows in memory until it is flushed, whatever their size. */
const flushBytes = 16 * 1024 * 1024;

/** Adds records to the table `raw`, in order. */
export class RawWriter {
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
