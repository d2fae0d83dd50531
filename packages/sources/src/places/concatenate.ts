import type { ByteRange, ByteSource } from "@shardmill/core";

/** Pieces of a split archive as one file; a read may span any number of them. */
export function concatenate(sources: readonly ByteSource[], name: string): ByteSource {
  const starts: number[] = [];
  let sizeBytes = 0;
  for (const source of sources) {
    starts.push(sizeBytes);
    sizeBytes += source.sizeBytes;
  }
  return {
    name,
    sizeBytes,
    async *read(range: ByteRange, signal: AbortSignal) {
      if (range.start < 0 || range.end > sizeBytes || range.start > range.end) {
        throw new RangeError(`${name}: no range ${range.start}-${range.end} in ${sizeBytes} bytes`);
      }
      for (const [index, source] of sources.entries()) {
        const offset = starts[index] ?? 0;
        const start = Math.max(range.start - offset, 0);
        const end = Math.min(range.end - offset, source.sizeBytes);
        if (start < end) yield* source.read({ start, end }, signal);
      }
    },
  };
}
