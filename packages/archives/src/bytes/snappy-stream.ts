/**
 * Decompresses one snappy block that comes in chunks. Some writers (DuckDB) put a whole row group's images into one page:
 * this way such a page is in memory once, not also compressed; with a window, only so much of it as copies may go back to.
 */
export class SnappyStream {
  readonly #statedBytes: number;
  readonly #windowBytes: number;
  readonly #output: Uint8Array;
  /** Of the output: where the next byte goes, and the first one that was not handed out. */
  #at = 0;
  #given = 0;
  #total = 0;
  #literalLeft = 0;
  #isPastLength = false;
  /** The beginning of an element that goes on in the next chunk. */
  #carried: Uint8Array = new Uint8Array(0);

  /** Without a window all of the output is kept, for `push` and `finish`. */
  constructor(outputBytes: number, windowBytes = outputBytes) {
    this.#statedBytes = outputBytes;
    this.#windowBytes = windowBytes;
    this.#output = new Uint8Array(Math.min(outputBytes, 2 * windowBytes));
  }

  /** For a stream without a window: there is room for everything. */
  push(next: Uint8Array): void {
    for (const piece of this.feed(next)) throw new Error(`snappy: ${piece.length} bytes had to leave`);
  }

  /** What has to leave to make room for what follows: views, each valid until the next one is asked for. */
  *feed(next: Uint8Array): Generator<Uint8Array> {
    const chunk = this.#carried.length === 0 ? next : Buffer.concat([this.#carried, next]);
    this.#carried = new Uint8Array(0);
    for (let at = 0; at < chunk.length; ) {
      const isFull = this.#output.length - this.#at < longestCopyBytes;
      if (isFull && this.#total < this.#statedBytes && this.#at > this.#windowBytes) {
        yield this.#output.subarray(this.#given, this.#at);
        this.#slide();
      }
      if (this.#literalLeft > 0) {
        const room = Math.max(1, this.#output.length - this.#at);
        at += this.#literal(chunk.subarray(at, at + Math.min(this.#literalLeft, room)));
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

  /** What has not left yet. */
  finish(): Uint8Array {
    if (this.#carried.length > 0 || this.#literalLeft > 0 || this.#total !== this.#statedBytes)
      throw new Error(`snappy: expected ${this.#statedBytes} bytes, found ${this.#total}`);
    return this.#output.subarray(this.#given, this.#at);
  }

  #slide(): void {
    this.#output.copyWithin(0, this.#at - this.#windowBytes, this.#at);
    this.#at = this.#windowBytes;
    this.#given = this.#windowBytes;
  }

  #literal(bytes: Uint8Array): number {
    this.#output.set(bytes, this.#at);
    this.#at += bytes.length;
    this.#total += bytes.length;
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
      throw new Error(`snappy: a copy of ${length} bytes from ${offset} back at ${this.#total}`);
    this.#total += length;
    // Byte by byte: source and target may overlap, and then repeat.
    for (const end = this.#at + length; this.#at < end; this.#at++)
      output[this.#at] = output[this.#at - offset] ?? 0;
  }
}

const longestCopyBytes = 64;

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
