import { TableShapeError } from "./table-row.ts";

/** No record is larger: what seems to be is a quote or a bracket that is never closed, and would hold the whole file. */
const maxRecordBytes = 256 * 1024 * 1024;

/** Bytes of something that began in an earlier chunk. */
export class BytePieces {
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** Keeps a copy: the source may use its buffer again. */
  keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#bytes += bytes.length;
    if (this.#bytes > maxRecordBytes)
      throw new TableShapeError(
        `a record of more than ${maxRecordBytes >> 20} MiB, as if a quote or a bracket were never closed`,
      );
    this.#pieces.push(bytes.slice());
  }

  /** What was kept and these last bytes. */
  takeBytes(last: Uint8Array): Uint8Array {
    const bytes = this.#pieces.length === 0 ? last : Buffer.concat([...this.#pieces, last]);
    this.#pieces = [];
    this.#bytes = 0;
    return bytes;
  }

  /** The same as text. */
  take(last: Uint8Array): string {
    return utf8(this.takeBytes(last));
  }
}

/** Bytes that are no UTF-8 become U+FFFD: one of them spoils no file. */
export function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
}
