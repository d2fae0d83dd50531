import { type ByteRange, Failure } from "@shardmill/core";
import type { OpenFile } from "./file-system.ts";
import { outputFailure } from "./output-failure.ts";

const chunkBytes = 1 << 20;

/** The bytes of a range of an open file, in chunks that the consumer may keep. */
export async function* readChunks(
  file: OpenFile,
  path: string,
  { start, end }: ByteRange,
  signal: AbortSignal | null,
): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; ) {
    signal?.throwIfAborted();
    const buffer = Buffer.allocUnsafeSlow(Math.min(chunkBytes, end - at));
    const count = await read(file, path, buffer, at);
    if (count === 0) {
      throw new Failure("output_io", `expected bytes up to ${end} in ${path}, found its end at ${at}`, {
        where: { path },
      });
    }
    yield buffer.subarray(0, count);
    at += count;
  }
}

/** Everything that an open file holds. */
export async function* readToEnd(file: OpenFile, path: string): AsyncGenerator<Uint8Array> {
  for (let at = 0; ; ) {
    const buffer = Buffer.allocUnsafeSlow(at === 0 ? 64 * 1024 : chunkBytes);
    const count = await read(file, path, buffer, at);
    if (count === 0) return;
    yield buffer.subarray(0, count);
    at += count;
  }
}

/** The same chunks, with the file closed at their end, whatever the end. */
export async function* closing(
  file: OpenFile,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } finally {
    await file.close();
  }
}

async function read(file: OpenFile, path: string, buffer: Uint8Array, at: number): Promise<number> {
  try {
    return await file.read(buffer, at);
  } catch (error) {
    throw outputFailure(error, "reading", path);
  }
}
