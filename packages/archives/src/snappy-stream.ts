/**
 * Decompresses one snappy block that comes in chunks. Some writers (DuckDB) put a whole row group's images into one page:
 * this way such a page is in memory once, not also compressed.
 */
export class SnappyStream {
  readonly #output: Uint8Array;
  #at = 0;
  #literalLeft = 0;
  #isPastLength = false;
  /** The beginning of an element that goes on in the next chunk. */
  #carried: Uint8Array = new Uint8Array(0);

  constructor(outputBytes: number) {
    this.#output = new Uint8Array(outputBytes);
  }

  push(next: Uint8Array): void {
    const chunk = this.#carried.length === 0 ? next : Buffer.concat([this.#carried, next]);
    this.#carried = new Uint8Array(0);
    for (let at = 0; at < chunk.length; ) {
      if (this.#literalLeft > 0) {
        at += this.#literal(chunk.subarray(at, at + this.#literalLeft));
        continue;
      }
      const tag = chunk[at] ?? 0;
      const bytes = this.#isPastLength ? elementBytes(tag) : 1;
      if (at + bytes > chunk.length) {
        this.#carried = chunk.slice(at);
        return;
      }
      // The stated length comes first, seven bits a byte; the page header has said it already.
      if (!this.#isPastLength) this.#isPastLength = tag < 0x80;
      else this.#element(tag, number(chunk, at + 1, bytes - 1));
      at += bytes;
    }
  }

  finish(): Uint8Array {
    if (this.#carried.length > 0 || this.#literalLeft > 0 || this.#at !== this.#output.length)
      throw new Error(`snappy: expected ${this.#output.length} bytes, found ${this.#at}`);
    return this.#output;
  }

  #literal(bytes: Uint8Array): number {
    this.#output.set(bytes, this.#at);
    this.#at += bytes.length;
    this.#literalLeft -= bytes.length;
    return bytes.length;
  }

  #element(tag: number, operand: number): void {
    const kind = tag & 3;
    if (kind === 0) this.#literalLeft = (tag >> 2 < 60 ? tag >> 2 : operand) + 1;
    else if (kind === 1) this.#copy(((tag >> 5) << 8) | operand, ((tag >> 2) & 7) + 4);
    else this.#copy(operand, (tag >> 2) + 1);
  }

  #copy(offset: number, length: number): void {
    const output = this.#output;
    if (offset === 0 || offset > this.#at || this.#at + length > output.length)
      throw new Error(`snappy: a copy of ${length} bytes from ${offset} back at ${this.#at}`);
    // Byte by byte: source and target may overlap, and then repeat.
    for (const end = this.#at + length; this.#at < end; this.#at++)
      output[this.#at] = output[this.#at - offset] ?? 0;
  }
}

function elementBytes(tag: number): number {
  const kind = tag & 3;
  if (kind === 0) return tag >> 2 < 60 ? 1 : (tag >> 2) - 58;
  return kind === 1 ? 2 : kind === 2 ? 3 : 5;
}

function number(bytes: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let index = length - 1; index >= 0; index--) value = value * 256 + (bytes[at + index] ?? 0);
  return value;
}
