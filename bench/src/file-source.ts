import { type FileHandle, open } from "node:fs/promises";
import type { ByteRange, ByteSource } from "@shardmill/core";

const chunkBytes = 1024 * 1024;

/** A local file as a byte source. */
export class FileSource implements ByteSource, AsyncDisposable {
  readonly name: string;
  readonly sizeBytes: number;
  readonly #file: FileHandle;

  private constructor(name: string, sizeBytes: number, file: FileHandle) {
    this.name = name;
    this.sizeBytes = sizeBytes;
    this.#file = file;
  }

  static async open(path: string): Promise<FileSource> {
    const file = await open(path);
    return new FileSource(path, (await file.stat()).size, file);
  }

  async *read({ start, end }: ByteRange, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for (let at = start; at < end; ) {
      signal.throwIfAborted();
      const buffer = Buffer.allocUnsafeSlow(Math.min(chunkBytes, end - at));
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw new Error(`${this.name} ends at ${at}`);
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}
