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

/** Most files that are read whole are records of a few kilobytes: a large buffer for each costs more than its bytes do. */
const firstBytes = 16 * 1024;

/** Everything that an open file holds; its end is where nothing more comes, however little came before. */
export async function* readToEnd(file: OpenFile, path: string): AsyncGenerator<Uint8Array> {
  for (let at = 0, size = firstBytes; ; size = Math.min(2 * size, chunkBytes)) {
    const buffer = Buffer.allocUnsafeSlow(size);
    let filled = 0;
    for (let count = 1; count > 0 && filled < size; filled += count)
      count = await read(file, path, buffer.subarray(filled), at + filled);
    if (filled > 0) yield buffer.subarray(0, filled);
    if (filled < size) return;
    at += filled;
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
