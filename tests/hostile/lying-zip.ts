import { crc32, deflateRawSync } from "node:zlib";

/** An entry as a hostile writer would have it. Whatever is not given is the truth. */
export interface LyingEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly deflate?: boolean;
  /** What both headers call the size. */
  readonly statedSize?: number;
  /** What the local header alone calls the size. */
  readonly localSize?: number;
  /** Where the directory says the member begins, beside the truth. */
  readonly offsetShift?: number;
  readonly flags?: number;
  readonly method?: number;
  readonly unixMode?: number;
}

/** A zip that says whatever it is told to say. */
export function lyingZip(entries: readonly LyingEntry[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const body = entry.deflate === true ? deflateRawSync(entry.bytes) : Buffer.from(entry.bytes);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(entry.flags ?? 0, 2);
    common.writeUInt16LE(entry.method ?? (entry.deflate === true ? 8 : 0), 4);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc32(entry.bytes), 10);
    common.writeUInt32LE(body.length, 14);
    common.writeUInt32LE(entry.statedSize ?? entry.bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((entry.unixMode ?? 0o100644) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset + (entry.offsetShift ?? 0), 10);
    directory.push(Buffer.concat([Buffer.from("504b01021403", "hex"), common, rest, name]));
    const own = Buffer.from(common);
    if (entry.localSize !== undefined) own.writeUInt32LE(entry.localSize, 18);
    const local = Buffer.concat([Buffer.from("504b0304", "hex"), own, name, body]);
    locals.push(local);
    offset += local.length;
  }
  const size = directory.reduce((sum, header) => sum + header.length, 0);
  return Buffer.concat([...locals, ...directory, endOf(entries.length, size, offset)]);
}

/** The end record; more than 65,535 members need the larger one in front of it. */
function endOf(count: number, size: number, offset: number): Buffer {
  const isLarge = count > 0xffff;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(count, 0xffff), 8);
  end.writeUInt16LE(Math.min(count, 0xffff), 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  if (!isLarge) return end;
  const large = Buffer.alloc(56);
  large.writeUInt32LE(0x06064b50, 0);
  large.writeUInt32LE(44, 4);
  large.writeUInt16LE(45, 12);
  large.writeUInt16LE(45, 14);
  for (const [at, value] of [
    [24, count],
    [32, count],
    [40, size],
    [48, offset],
  ] as const)
    large.writeBigUInt64LE(BigInt(value), at);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([large, locator, end]);
}
