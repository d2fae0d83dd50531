import type { IOContext } from "node-av/lib";
import type { Bindings } from "./bindings.ts";

const bufferBytes = 1 << 18;

/** Further than any file reaches: seeking there empties the reader's buffer. */
const nowhere = 1n << 60n;

const none = Buffer.alloc(0);

/**
 * Gives bytes in memory to FFmpeg's demuxers, one clip after the other. It is used again and again, because
 * node-av 6.1.1 never frees a reader's buffer: one reader for each clip would lose 256 KiB every time.
 * As long as there is a reader, its callbacks keep the event loop alive: a media child ends by being told to.
 */
export class MemoryReader {
  readonly io: IOContext;
  readonly #seekSet: Bindings["constants"]["AVSEEK_SET"];
  #data: Buffer = none;
  #position = 0;

  constructor({ lib, constants }: Bindings) {
    this.#seekSet = constants.AVSEEK_SET;
    const seek = (offset: bigint, whence: number): bigint => {
      if (whence === constants.AVSEEK_SIZE) return BigInt(this.#data.length);
      const base =
        whence === constants.AVSEEK_CUR
          ? this.#position
          : whence === constants.AVSEEK_END
            ? this.#data.length
            : 0;
      this.#position = Math.max(0, base + Number(offset));
      return BigInt(this.#position);
    };
    this.io = new lib.IOContext();
    this.io.allocContextWithCallbacks(bufferBytes, 0, (size) => this.#read(size), null, seek);
  }

  /** From now on these bytes are read, from their beginning. */
  show(bytes: Uint8Array): void {
    this.io.seekSync(nowhere, this.#seekSet);
    this.#data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.io.seekSync(0n, this.#seekSet);
  }

  /** Lets go of the bytes. */
  clear(): void {
    this.#data = none;
  }

  #read(size: number): Buffer | null {
    if (this.#position >= this.#data.length) return null;
    const chunk = this.#data.subarray(this.#position, this.#position + size);
    this.#position += chunk.length;
    return chunk;
  }
}
