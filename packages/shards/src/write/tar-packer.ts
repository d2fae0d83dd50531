import { paddingBytes } from "@shardmill/core";
import { type Pack, pack } from "tar-stream";

/** GNU tar's record: 20 blocks. */
export const recordBytes = 10_240;

/** An entry as it came out: its bytes, and where in the tar its header and its data begin. */
export interface PackedEntry {
  readonly chunks: readonly Uint8Array[];
  readonly headerOffset: number;
  readonly dataOffset: number;
}

/** Nothing may depend on the clock. A number would not do: tar-stream takes 0 for "now". */
const mtime = new Date(0);
const mode = 0o644;

/**
 * The bytes of a tar, packed by tar-stream one entry after the other: pure ustar, regular files, mode 0644, ids 0, no owner
 * names, mtime 0. Offsets are counted in what it emits. It holds one entry at a time: the next is packed when the one
 * before it has been taken.
 */
export class TarPacker {
  readonly #pack: Pack = pack();
  readonly #chunks: AsyncIterator<unknown> = this.#pack[Symbol.asyncIterator]();
  #emitted = 0;

  /** Packed so far, bytes. */
  get sizeBytes(): number {
    return this.#emitted;
  }

  async entry(name: string, bytes: Uint8Array): Promise<PackedEntry> {
    const headerOffset = this.#emitted;
    const { length: size } = bytes;
    this.#pack.entry({ name, size, mode, mtime }, asBuffer(bytes));
    const header = await this.#next();
    const dataOffset = this.#emitted;
    const chunks = [header];
    for (const end = dataOffset + size + paddingBytes(size); this.#emitted < end; )
      chunks.push(await this.#next());
    return { chunks, headerOffset, dataOffset };
  }

  /** The end marker, and zeros up to a whole record, which tar-stream leaves to whoever writes tapes. */
  async end(): Promise<Uint8Array> {
    const start = this.#emitted;
    this.#pack.finalize();
    const marker = await this.#next();
    const end = Math.ceil((start + marker.length) / recordBytes) * recordBytes;
    return Buffer.concat([marker], end - start);
  }

  /** Lets go of what is not taken; nothing can be packed afterwards. */
  destroy(): void {
    this.#pack.destroy();
  }

  /** What it emits next; the chunk of an entry without data is passed over. */
  async #next(): Promise<Uint8Array> {
    for (;;) {
      const { done, value }: IteratorResult<unknown> = await this.#chunks.next();
      if (done === true || !(value instanceof Uint8Array))
        throw new Error(`the tar ended at ${this.#emitted} bytes, in the middle of an entry`);
      this.#emitted += value.length;
      if (value.length > 0) return value;
    }
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
