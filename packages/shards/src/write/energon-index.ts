/** `<shard>.tar.idx`: uint64 LE, the first header's offset of each sample, then that of the first zero block. */
export function energonIndex(sampleOffsets: readonly number[], endOffset: number): Buffer {
  const index = Buffer.alloc(8 * (sampleOffsets.length + 1));
  [...sampleOffsets, endOffset].forEach((offset, at) => {
    index.writeBigUInt64LE(BigInt(offset), 8 * at);
  });
  return index;
}

/** The offsets of an index file, the end included; null when the bytes are none. */
export function parseEnergonIndex(bytes: Uint8Array): number[] | null {
  if (bytes.length < 8 || bytes.length % 8 !== 0) return null;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const offsets: number[] = [];
  for (let at = 0; at < view.length; at += 8) {
    const offset = Number(view.readBigUInt64LE(at));
    if (!Number.isSafeInteger(offset) || offset % 512 !== 0 || offset < (offsets.at(-1) ?? 0)) return null;
    offsets.push(offset);
  }
  return offsets;
}
