import { type ByteSource, readAll, zeroBlockBytes } from "@shardmill/core";
import type { TarInput } from "./read-tar-head.ts";

const windowBytes = 64 * 1024;

/** Reads a source through a window: what lies in it costs no request, what is skipped costs none either. */
export class RangeWindow implements TarInput {
  offset = 0;
  readonly #source: ByteSource;
  readonly #signal: AbortSignal;
  #start = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(source: ByteSource, signal: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
  }

  async take(bytes: number): Promise<Uint8Array> {
    const end = Math.min(this.offset + bytes, this.#source.sizeBytes);
    if (this.offset < this.#start || end > this.#start + this.#bytes.length) await this.#fetch(bytes);
    const at = this.offset - this.#start;
    this.offset = end;
    return this.#bytes.slice(at, end - this.#start);
  }

  async skip(bytes: number): Promise<number> {
    const skipped = Math.min(bytes, this.#source.sizeBytes - this.offset);
    this.offset += skipped;
    return skipped;
  }

  async skipZeroBlocks(): Promise<void> {
    for (;;) {
      this.#signal.throwIfAborted();
      const offset = this.offset;
      const zeros = zeroBlockBytes(await this.take(windowBytes));
      this.offset = offset + zeros;
      if (zeros === 0 || zeros % windowBytes > 0) return;
    }
  }

  async #fetch(bytes: number): Promise<void> {
    const end = Math.min(this.offset + Math.max(bytes, windowBytes), this.#source.sizeBytes);
    this.#start = this.offset;
    this.#bytes = await readAll(this.#source, { start: this.offset, end }, this.#signal);
  }
}
