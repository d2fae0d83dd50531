import { open } from "node:fs/promises";
import type { ByteSource } from "@shardmill/core";
import { outputFailure } from "@shardmill/store";

/** Copies a file of the source to disk, for a reader that needs to jump in it. */
export async function fetchFile(
  source: ByteSource,
  path: string,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const file = await open(path, "wx").catch((error: unknown) => {
    throw outputFailure(error, "writing", source.name);
  });
  try {
    for await (const chunk of source.read({ start: 0, end: source.sizeBytes }, signal)) {
      await writeAll(file, chunk, source.name);
      onBytes(chunk.length);
    }
  } finally {
    await file.close();
  }
}

async function writeAll(
  file: Awaited<ReturnType<typeof open>>,
  bytes: Uint8Array,
  name: string,
): Promise<void> {
  let at = 0;
  while (at < bytes.length) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, null).catch((error: unknown) => {
      throw outputFailure(error, "writing a copy of", name);
    });
    at += bytesWritten;
  }
}
