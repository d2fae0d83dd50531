import type { ByteRange, ByteSource } from "@shardmill/core";

/** A source's read that tells how much came. */
export async function* countedRead(
  source: ByteSource,
  range: ByteRange,
  onBytes: ((bytes: number) => void) | undefined,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source.read(range, signal)) {
    onBytes?.(chunk.length);
    yield chunk;
  }
}
