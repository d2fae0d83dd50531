import type { ByteRange } from "@shardmill/core";
import type { ReadableFile } from "../store.ts";

const leastBytes = 1 << 15;
const mostBytes = 1 << 20;

/**
 * Many small reads that lie close together, as of the headers of a tar, are few requests: each time that one goes on near where the
 * last one ended, more is asked for. Reads here and there, as of whoever looks for a key, take little each.
 */
export class BucketFile implements ReadableFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly #ask: (range: ByteRange) => Promise<Uint8Array>;
  #start = 0;
  #held: Uint8Array = new Uint8Array();
  #windowBytes = leastBytes;

  constructor(path: string, sizeBytes: number, ask: (range: ByteRange) => Promise<Uint8Array>) {
    this.path = path;
    this.sizeBytes = sizeBytes;
    this.#ask = ask;
  }

  async read(start: number, wantedEnd: number): Promise<Uint8Array> {
    const end = Math.min(wantedEnd, this.sizeBytes);
    if (start >= end) return new Uint8Array();
    const isHeld = start >= this.#start && end <= this.#start + this.#held.length;
    if (!isHeld) {
      const before = this.#start + this.#held.length;
      const goesOn = start >= this.#start && start <= before + this.#windowBytes;
      this.#windowBytes = goesOn ? Math.min(mostBytes, 4 * this.#windowBytes) : leastBytes;
      const wanted = Math.max(end, start + this.#windowBytes);
      const held = await this.#ask({ start, end: Math.min(this.sizeBytes, wanted) });
      [this.#start, this.#held] = [start, held];
      return held.slice(0, end - start);
    }
    return this.#held.slice(start - this.#start, end - this.#start);
  }

  async close(): Promise<void> {
    this.#held = new Uint8Array();
  }
}
