/** Where a zip says its directory is, and where it must be if that is wrong by a constant (bytes put before the archive). */
export interface ZipEnd {
  readonly entryCount: number;
  /** True when the count was written in 16 bits and may have wrapped. */
  readonly isCountShort: boolean;
  readonly directoryBytes: number;
  readonly declaredOffset: number;
  /** Absolute offset of the record that follows the directory. */
  readonly followedAt: number;
  /** Where the archive ends, its comment included. */
  readonly endsAt: number;
}

export type ZipEndResult =
  | { readonly kind: "found"; readonly end: ZipEnd }
  /** The ZIP64 record lies before the tail: read it and call again. */
  | { readonly kind: "zip64-outside"; readonly at: number }
  | {
      readonly kind: "malformed";
      readonly detail: string;
      /** True when there is no end record at all in these bytes: it may lie before them. */
      readonly isMissing: boolean;
    };

const endBytes = 22;
const locatorBytes = 20;
const zip64EndBytes = 56;

/** Enough for the end record with the longest comment, its ZIP64 locator and its ZIP64 record. */
export const zipTailBytes = 0xffff + endBytes + locatorBytes + zip64EndBytes;

/** Finds the end record in the archive's last bytes. `tailStart` is the absolute offset of the first of them. */
export function findZipEnd(tail: Buffer, tailStart: number, zip64Outside: Buffer | null): ZipEndResult {
  const at = findEndRecord(tail);
  if (at === null) return malformed("no end record: this is no zip, or its end is missing", true);
  const endsAt = tailStart + at + endBytes + tail.readUInt16LE(at + 20);
  const short: ZipEnd = {
    entryCount: tail.readUInt16LE(at + 10),
    isCountShort: true,
    directoryBytes: tail.readUInt32LE(at + 12),
    declaredOffset: tail.readUInt32LE(at + 16),
    followedAt: tailStart + at,
    endsAt,
  };
  const isMaxed =
    short.entryCount === 0xffff ||
    short.directoryBytes === 0xffff_ffff ||
    short.declaredOffset === 0xffff_ffff;
  const locatorAt = at - locatorBytes;
  const hasLocator = locatorAt >= 0 && tail.readUInt32LE(locatorAt) === 0x07064b50;
  const disk = tail.readUInt16LE(at + 4);
  if (!hasLocator) {
    if (disk !== 0 && disk !== 0xffff) return malformed(`disk ${disk} of an archive in several volumes`);
    return { kind: "found", end: short };
  }
  const long =
    zip64Outside === null ? findZip64(tail, tailStart, locatorAt) : parseZip64(zip64Outside, 0, tailStart);
  if (long !== null && zip64Outside === null) return { kind: "found", end: { ...long, endsAt } };
  const declared = safeNumber(tail, locatorAt + 8);
  if (zip64Outside === null) {
    if (declared !== null && declared + zip64EndBytes <= tailStart)
      return { kind: "zip64-outside", at: declared };
  } else if (long !== null && declared !== null) {
    return { kind: "found", end: { ...long, followedAt: declared, endsAt } };
  }
  return isMaxed ? malformed("the ZIP64 end record is missing or damaged") : { kind: "found", end: short };
}

/** The last record whose comment ends with the archive; else the last one at all, for archives with bytes after their end. */
function findEndRecord(tail: Buffer): number | null {
  let loose: number | null = null;
  for (let at = tail.length - endBytes; at >= 0; at--) {
    if (tail[at] !== 0x50 || tail.readUInt32LE(at) !== 0x06054b50) continue;
    const room = tail.length - at - endBytes;
    const comment = tail.readUInt16LE(at + 20);
    if (comment === room) return at;
    if (comment < room) loose ??= at;
  }
  return loose;
}

type Zip64End = Omit<ZipEnd, "endsAt">;

function findZip64(tail: Buffer, tailStart: number, locatorAt: number): Zip64End | null {
  const signature = Buffer.from([0x50, 0x4b, 0x06, 0x06]);
  const declared = safeNumber(tail, locatorAt + 8);
  const direct = declared === null ? -1 : declared - tailStart;
  if (direct >= 0 && direct + zip64EndBytes <= locatorAt) {
    const end = parseZip64(tail, direct, tailStart);
    if (end !== null) return end;
  }
  if (locatorAt < zip64EndBytes) return null;
  const at = tail.lastIndexOf(signature, locatorAt - zip64EndBytes);
  return at < 0 ? null : parseZip64(tail, at, tailStart);
}

function parseZip64(bytes: Buffer, at: number, bytesStart: number): Zip64End | null {
  if (at + zip64EndBytes > bytes.length || bytes.readUInt32LE(at) !== 0x06064b50) return null;
  const entryCount = safeNumber(bytes, at + 32);
  const directoryBytes = safeNumber(bytes, at + 40);
  const declaredOffset = safeNumber(bytes, at + 48);
  if (entryCount === null || directoryBytes === null || declaredOffset === null) return null;
  return { entryCount, isCountShort: false, directoryBytes, declaredOffset, followedAt: bytesStart + at };
}

/** A 64-bit number, or null where JavaScript cannot hold it exactly. */
export function safeNumber(bytes: Buffer, at: number): number | null {
  const value = Number(bytes.readBigUInt64LE(at));
  return Number.isSafeInteger(value) ? value : null;
}

function malformed(detail: string, isMissing = false): ZipEndResult {
  return { kind: "malformed", detail, isMissing };
}
