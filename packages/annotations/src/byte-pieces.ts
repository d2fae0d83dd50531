/** Bytes of something that began in an earlier chunk. */
export class BytePieces {
  #pieces: Uint8Array[] = [];

  /** Keeps a copy: the source may use its buffer again. */
  keep(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#pieces.push(bytes.slice());
  }

  /** What was kept and these last bytes as text. Bytes that are no UTF-8 become U+FFFD: one of them spoils no file. */
  take(last: Uint8Array): string {
    const bytes = this.#pieces.length === 0 ? last : Buffer.concat([...this.#pieces, last]);
    this.#pieces = [];
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  }
}
