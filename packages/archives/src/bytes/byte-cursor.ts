import { blockBytes, zeroBlockBytes } from "@shardmill/core";

/**
 * Reads a stream of chunks by exact lengths. What it hands out by `take` is a copy, so that a small header does not keep
 * a large chunk alive; what it hands out by `pull` is a view, valid as long as the chunk.
 */
export class ByteCursor {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);
  #offset: number;
  #ended = false;

  constructor(chunks: AsyncIterable<Uint8Array>, offset = 0) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#offset = offset;
  }

  /** Absolute offset of the next byte. */
  get offset(): number {
    return this.#offset;
  }

  /** The next bytes, at most so many; null at the end. */
  async pull(maxBytes: number): Promise<Uint8Array | null> {
    while (this.#rest.length === 0) {
      if (this.#ended) return null;
      const next = await this.#chunks.next();
      if (next.done === true) this.#ended = true;
      else this.#rest = next.value;
    }
    const bytes = this.#rest.subarray(0, maxBytes);
    this.#rest = this.#rest.subarray(bytes.length);
    this.#offset += bytes.length;
    return bytes;
  }

  /** The next bytes without passing them: at least so many, or fewer at the end. A view, valid until the next call. */
  async peek(bytes: number): Promise<Uint8Array> {
    while (this.#rest.length < bytes && !this.#ended) {
      const next = await this.#chunks.next();
      if (next.done === true) this.#ended = true;
      else this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
    }
    return this.#rest;
  }

  /** So many bytes, or fewer at the end. */
  async take(bytes: number): Promise<Uint8Array> {
    const taken = Buffer.allocUnsafe(bytes);
    let filled = 0;
    while (filled < bytes) {
      const chunk = await this.pull(bytes - filled);
      if (chunk === null) break;
      taken.set(chunk, filled);
      filled += chunk.length;
    }
    return taken.subarray(0, filled);
  }

  /** Leaves out so many bytes; tells how many there were. */
  async skip(bytes: number): Promise<number> {
    let left = bytes;
    while (left > 0) {
      const chunk = await this.pull(left);
      if (chunk === null) break;
      left -= chunk.length;
    }
    return bytes - left;
  }

  /** Passes whole tar blocks of zeros, as many as come. */
  async skipZeroBlocks(): Promise<void> {
    for (;;) {
      const zeros = zeroBlockBytes(await this.peek(blockBytes));
      if (zeros === 0) return;
      await this.skip(zeros);
    }
  }

  /** The next bytes as a stream of their own, at most so many. */
  async *section(bytes: number): AsyncGenerator<Uint8Array> {
    let left = bytes;
    while (left > 0) {
      const chunk = await this.pull(left);
      if (chunk === null) return;
      left -= chunk.length;
      yield chunk;
    }
  }

  async close(): Promise<void> {
    this.#ended = true;
    this.#rest = new Uint8Array(0);
    await this.#chunks.return?.();
  }
}
