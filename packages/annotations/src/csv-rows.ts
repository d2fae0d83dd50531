import { BytePieces } from "./byte-pieces.ts";

const quote = 0x22;
const comma = 0x2c;
const lineFeed = 0x0a;

/** Thrown for text that is no CSV; the caller knows the file's name. */
export class CsvShapeError extends Error {}

/**
 * The rows of a CSV (RFC 4180, comma and double quote) from a stream, in any chunks. Rows may end with LF or CRLF, mixed;
 * quoted fields may hold everything, and a quote inside an unquoted field is a letter. Empty lines are no rows.
 *
 * DuckDB's own reader is not used: read in parallel it takes the lines of a caption that look like rows for rows, read
 * by one thread it lets an unclosed quote pass, and it needs ten times the longest row in memory.
 */
export async function* csvRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const cutter = new RowCutter();
  let number = 0;
  const fieldsOf = (text: string): string[] => {
    number += 1;
    const fields = csvFields(number === 1 ? text.replace(/^\ufeff/, "") : text);
    if (fields === null) throw new CsvShapeError(`row ${number}: something follows a closing quote`);
    return fields;
  };
  for await (const chunk of chunks) for (const text of cutter.next(chunk)) yield fieldsOf(text);
  const last = cutter.end();
  if (last === null) throw new CsvShapeError(`row ${number + 1}: a quote is opened and never closed`);
  if (last !== "") yield fieldsOf(last);
}

/** The fields of one row, or null where a closing quote is followed by anything but a comma. */
export function csvFields(row: string): string[] | null {
  if (!row.includes('"')) return row.split(",");
  const fields: string[] = [];
  for (let at = 0; at <= row.length; ) {
    const isQuoted = row[at] === '"';
    const end = isQuoted ? closingQuote(row, at) + 1 : row.indexOf(",", at);
    const stop = end < 0 ? row.length : end;
    if (isQuoted && stop < row.length && row[stop] !== ",") return null;
    fields.push(isQuoted ? row.slice(at + 1, stop - 1).replaceAll('""', '"') : row.slice(at, stop));
    at = stop + 1;
  }
  return fields;
}

/** The cutter has seen to it that there is one. */
function closingQuote(row: string, opening: number): number {
  let at = row.indexOf('"', opening + 1);
  while (at >= 0 && row[at + 1] === '"') at = row.indexOf('"', at + 2);
  return at;
}

/** Where the reader stands: at the `start` of a field, inside a `plain` or `quoted` one, or after a quote in a quoted one. */
type State = "start" | "plain" | "quoted" | "quote-seen";

class RowCutter {
  readonly #pieces = new BytePieces();
  #state: State = "start";

  *next(chunk: Uint8Array): Generator<string> {
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      if (this.#state === "quoted") {
        // Captions are the bulk of a file: from quote to quote in one step.
        const found = chunk.indexOf(quote, i);
        if (found < 0) break;
        i = found;
        this.#state = "quote-seen";
        continue;
      }
      const byte = chunk[i] ?? 0;
      if (byte === lineFeed) {
        const row = withoutReturn(this.#pieces.take(chunk.subarray(start, i)));
        start = i + 1;
        this.#state = "start";
        if (row !== "") yield row;
      } else if (byte === comma) this.#state = "start";
      else if (byte === quote && this.#state !== "plain") this.#state = "quoted";
      else this.#state = "plain";
    }
    this.#pieces.keep(chunk.subarray(start));
  }

  /** The last row where no line break follows it; null where it is still inside quotes. */
  end(): string | null {
    return this.#state === "quoted" ? null : withoutReturn(this.#pieces.take(new Uint8Array()));
  }
}

function withoutReturn(row: string): string {
  return row.endsWith("\r") ? row.slice(0, -1) : row;
}
