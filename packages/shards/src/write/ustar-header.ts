export const blockBytes = 512;
/** GNU tar's record: 20 blocks. */
export const recordBytes = 10_240;

/**
 * The 512-byte header of a regular file, pure ustar: mode 0644, ids 0, no owner names, mtime 0.
 * Written by hand because offsets must be exact and nothing may depend on the clock.
 */
export function ustarHeader(name: string, sizeBytes: number): Buffer {
  const header = Buffer.alloc(blockBytes);
  header.write(name, 0, 100, "latin1");
  header.write("0000644\0", 100, "latin1");
  header.write("0000000\0", 108, "latin1");
  header.write("0000000\0", 116, "latin1");
  header.write(`${sizeBytes.toString(8).padStart(11, "0")}\0`, 124, "latin1");
  header.write("00000000000\0", 136, "latin1");
  header.write("        0", 148, "latin1");
  header.write("ustar\x0000", 257, "latin1");
  header.write("0000000\x000000000\0", 329, "latin1");
  header.write(`${checksum(header).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

/** Sum of all bytes, with the checksum field itself taken as spaces. */
export function checksum(header: Uint8Array): number {
  let sum = 8 * 32;
  for (let at = 0; at < blockBytes; at += 1) {
    if (at < 148 || at >= 156) sum += header[at] ?? 0;
  }
  return sum;
}

/** Zero bytes that follow data of this size up to the next block. */
export function paddingBytes(sizeBytes: number): number {
  return (blockBytes - (sizeBytes % blockBytes)) % blockBytes;
}
