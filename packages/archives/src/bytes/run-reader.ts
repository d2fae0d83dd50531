import type { ByteSource } from "@shardmill/core";
import { ByteCursor } from "./byte-cursor.ts";
import { countedRead } from "./counted-read.ts";
import type { Run } from "./plan-runs.ts";

/**
 * One open stream over a run, positioned at will: forward within the run it reads on, anywhere else it opens anew.
 * Where a run's end was guessed too low, the rest is asked for when it is needed.
 */
export class RunReader {
  readonly #source: ByteSource;
  readonly #onBytes: ((bytes: number) => void) | undefined;
  readonly #signal: AbortSignal;
  #cursor: ByteCursor | null = null;
  #runEnd = 0;

  constructor(source: ByteSource, onBytes: ((bytes: number) => void) | undefined, signal: AbortSignal) {
    this.#source = source;
    this.#onBytes = onBytes;
    this.#signal = signal;
  }

  /** Goes to `offset`, whether by reading on or by a new request that lasts to the end of the run. */
  async seek(offset: number, run: Run): Promise<void> {
    const cursor = this.#cursor;
    if (cursor !== null && offset >= cursor.offset && offset <= this.#runEnd && this.#runEnd >= run.end) {
      await cursor.skip(offset - cursor.offset);
      return;
    }
    await this.#open(offset, Math.max(run.end, offset));
  }

  async take(bytes: number): Promise<Uint8Array> {
    const first = await (await this.#at(bytes)).take(bytes);
    if (first.length === bytes) return first;
    const rest = await (await this.#at(bytes - first.length)).take(bytes - first.length);
    return Buffer.concat([first, rest]);
  }

  /** Fills all of it, or as much as there is; tells how much. */
  async fill(target: Buffer): Promise<number> {
    let filled = 0;
    while (filled < target.length) {
      const left = target.length - filled;
      const chunk = await (await this.#at(left)).pull(left);
      if (chunk === null) break;
      target.set(chunk, filled);
      filled += chunk.length;
    }
    return filled;
  }

  async *section(bytes: number): AsyncGenerator<Uint8Array> {
    let left = bytes;
    while (left > 0) {
      const chunk = await (await this.#at(left)).pull(left);
      if (chunk === null) return;
      left -= chunk.length;
      yield chunk;
    }
  }

  async close(): Promise<void> {
    const cursor = this.#cursor;
    this.#cursor = null;
    await cursor?.close();
  }

  /** The cursor, with bytes left to read: opened for `bytes` more where the run is used up. */
  async #at(bytes: number): Promise<ByteCursor> {
    const cursor = this.#cursor;
    if (cursor === null) throw new Error("RunReader: seek before reading");
    const isUsedUp = cursor.offset >= this.#runEnd && cursor.offset < this.#source.sizeBytes;
    return isUsedUp ? this.#open(cursor.offset, cursor.offset + bytes) : cursor;
  }

  async #open(start: number, end: number): Promise<ByteCursor> {
    await this.close();
    this.#runEnd = Math.min(end, this.#source.sizeBytes);
    const range = { start: Math.min(start, this.#runEnd), end: this.#runEnd };
    const chunks = countedRead(this.#source, range, this.#onBytes, this.#signal);
    const cursor = new ByteCursor(chunks, range.start);
    this.#cursor = cursor;
    return cursor;
  }
}
