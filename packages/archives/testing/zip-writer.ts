import { crc32, deflateRawSync } from "node:zlib";

/** One entry to write. Whatever is not given is what an honest writer would put there. */
export interface ZipInput {
  readonly name: string | Buffer;
  readonly data?: Uint8Array;
  readonly deflate?: boolean;
  readonly flags?: number;
  /** Method in both headers, without doing anything for it. */
  readonly method?: number;
  readonly unixMode?: number;
  /** What the directory says instead of the truth. */
  readonly directory?: { size?: number; compressed?: number; crc?: number; offset?: number; extra?: Buffer };
  /** What the local header says instead of the truth. */
  readonly local?: { size?: number; compressed?: number; name?: string; extra?: Buffer };
  /** Sizes and offsets in ZIP64 fields, whatever they are. */
  readonly zip64?: boolean;
  /** Sizes and CRC after the data, as streaming writers do. */
  readonly descriptor?: boolean;
}

export interface ZipShape {
  readonly comment?: string;
  readonly prepend?: Uint8Array;
  readonly zip64?: boolean;
  readonly entryCount?: number;
}

/** A small zip writer for tests, able to lie. */
export function writeZip(inputs: readonly ZipInput[], shape: ZipShape = {}): Buffer {
  const locals: Buffer[] = [];
  const headers: Buffer[] = [];
  let offset = 0;
  for (const input of inputs) {
    const data = Buffer.from(input.data ?? Buffer.alloc(0));
    const body = input.deflate === true ? deflateRawSync(data) : data;
    const truth = { size: data.length, compressed: body.length, crc: crc32(data), offset };
    const local = localPart(input, body, truth);
    headers.push(directoryHeader(input, truth));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(headers);
  const end = endRecords(directory.length, offset, shape.entryCount ?? inputs.length, shape);
  return Buffer.concat([shape.prepend ?? Buffer.alloc(0), ...locals, directory, end]);
}

interface Truth {
  readonly size: number;
  readonly compressed: number;
  readonly crc: number;
  readonly offset: number;
}

function localPart(input: ZipInput, body: Buffer, truth: Truth): Buffer {
  const name = Buffer.from(input.local?.name ?? input.name);
  const isLate = input.descriptor === true;
  const size = input.local?.size ?? (isLate ? 0 : truth.size);
  const compressed = input.local?.compressed ?? (isLate ? 0 : truth.compressed);
  const extra = Buffer.concat([
    input.zip64 === true ? zip64Extra([size, compressed]) : Buffer.alloc(0),
    input.local?.extra ?? Buffer.alloc(0),
  ]);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(flagsOf(input), 6);
  header.writeUInt16LE(methodOf(input), 8);
  header.writeUInt32LE(isLate ? 0 : truth.crc, 14);
  header.writeUInt32LE(input.zip64 === true ? 0xffff_ffff : compressed, 18);
  header.writeUInt32LE(input.zip64 === true ? 0xffff_ffff : size, 22);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, name, extra, body, isLate ? descriptor(truth) : Buffer.alloc(0)]);
}

function directoryHeader(input: ZipInput, truth: Truth): Buffer {
  const name = Buffer.from(input.name);
  const size = input.directory?.size ?? truth.size;
  const compressed = input.directory?.compressed ?? truth.compressed;
  const offset = input.directory?.offset ?? truth.offset;
  const isLong = input.zip64 === true || offset > 0xffff_fffe;
  const extra = Buffer.concat([
    isLong ? zip64Extra([size, compressed, offset]) : Buffer.alloc(0),
    input.directory?.extra ?? Buffer.alloc(0),
  ]);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt8(20, 4);
  header.writeUInt8(3, 5);
  header.writeUInt16LE(20, 6);
  header.writeUInt16LE(flagsOf(input), 8);
  header.writeUInt16LE(methodOf(input), 10);
  header.writeUInt32LE(input.directory?.crc ?? truth.crc, 16);
  header.writeUInt32LE(isLong ? 0xffff_ffff : compressed, 20);
  header.writeUInt32LE(isLong ? 0xffff_ffff : size, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE(((input.unixMode ?? 0o100644) << 16) >>> 0, 38);
  header.writeUInt32LE(isLong ? 0xffff_ffff : offset, 42);
  return Buffer.concat([header, name, extra]);
}

function flagsOf(input: ZipInput): number {
  const isAscii = Buffer.from(input.name).every((byte) => byte < 0x80);
  return input.flags ?? (isAscii ? 0 : 0x800) | (input.descriptor === true ? 8 : 0);
}

function methodOf(input: ZipInput): number {
  return input.method ?? (input.deflate === true ? 8 : 0);
}

function zip64Extra(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * values.length);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8 * values.length, 2);
  for (const [index, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
  return extra;
}

function descriptor(truth: Truth): Buffer {
  const record = Buffer.alloc(16);
  record.writeUInt32LE(0x08074b50, 0);
  record.writeUInt32LE(truth.crc, 4);
  record.writeUInt32LE(truth.compressed, 8);
  record.writeUInt32LE(truth.size, 12);
  return record;
}

/** The records after the directory. `offset` is where the directory begins. */
export function endRecords(
  directoryBytes: number,
  offset: number,
  entries: number,
  shape: ZipShape = {},
): Buffer {
  const isLong = shape.zip64 === true || offset > 0xffff_fffe || entries > 0xfffe;
  const comment = Buffer.from(shape.comment ?? "");
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(isLong ? 0xffff : entries, 8);
  end.writeUInt16LE(isLong ? 0xffff : entries, 10);
  end.writeUInt32LE(isLong ? 0xffff_ffff : directoryBytes, 12);
  end.writeUInt32LE(isLong ? 0xffff_ffff : offset, 16);
  end.writeUInt16LE(comment.length, 20);
  if (!isLong) return Buffer.concat([end, comment]);
  const long = Buffer.alloc(56 + 20);
  long.writeUInt32LE(0x06064b50, 0);
  long.writeBigUInt64LE(44n, 4);
  long.writeBigUInt64LE(BigInt(entries), 24);
  long.writeBigUInt64LE(BigInt(entries), 32);
  long.writeBigUInt64LE(BigInt(directoryBytes), 40);
  long.writeBigUInt64LE(BigInt(offset), 48);
  long.writeUInt32LE(0x07064b50, 56);
  long.writeBigUInt64LE(BigInt(offset + directoryBytes), 64);
  long.writeUInt32LE(1, 72);
  return Buffer.concat([long, end, comment]);
}
