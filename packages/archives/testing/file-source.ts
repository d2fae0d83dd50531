import { type FileHandle, open } from "node:fs/promises";
import type { ByteRange, ByteSource } from "@shardmill/core";

/** A file as a source that counts what it is asked for. */
export class FileSource implements ByteSource {
  readonly name = "file";
  readonly requests: ByteRange[] = [];
  bytesRead = 0;
  readonly sizeBytes: number;
  readonly #handle: FileHandle;
  readonly #chunkBytes: number;

  constructor(handle: FileHandle, sizeBytes: number, chunkBytes: number) {
    this.#handle = handle;
    this.sizeBytes = sizeBytes;
    this.#chunkBytes = chunkBytes;
  }

  static async open(path: string, chunkBytes = 256 * 1024): Promise<FileSource> {
    const handle = await open(path);
    return new FileSource(handle, (await handle.stat()).size, chunkBytes);
  }

  async *read(range: ByteRange, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    this.requests.push(range);
    for (let at = range.start; at < range.end; ) {
      signal.throwIfAborted();
      const buffer = Buffer.allocUnsafeSlow(Math.min(this.#chunkBytes, range.end - at));
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw new RangeError(`the file ends at ${at}`);
      this.bytesRead += bytesRead;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
