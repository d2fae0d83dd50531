import yauzl from "yauzl";
import { safeNumber } from "./zip-end-record.ts";
import { type ExtraField, type ZipName, zipName } from "./zip-name.ts";

/** An entry as the directory has it, before anything is judged. */
export interface RawZipEntry extends ZipName {
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  /** As stated; not yet corrected for bytes before the archive. */
  readonly localHeaderOffset: number;
  readonly nameBytes: number;
  /** Unix file type and permissions, or null where the archive was not made on Unix. */
  readonly unixMode: number | null;
  readonly isDosDirectory: boolean;
  /** What is wrong with this entry alone. */
  readonly problem: string | null;
}

export type ParsedDirectory =
  | { readonly kind: "entries"; readonly entries: RawZipEntry[] }
  | { readonly kind: "malformed"; readonly detail: string };

const headerBytes = 46;

/**
 * The central directory, from memory. The walk is ours because yauzl's ends at the first entry that it dislikes; what is
 * intricate in an entry (names, extra fields) is yauzl's.
 */
export function parseZipDirectory(bytes: Buffer): ParsedDirectory {
  const entries: RawZipEntry[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const signature = bytes.readUInt32LE(at);
    if (signature === 0x05054b50) break;
    if (signature !== 0x02014b50) return malformed(entries.length, `signature ${signature.toString(16)}`);
    if (at + headerBytes > bytes.length) return malformed(entries.length, "the header is cut off");
    const end =
      at +
      headerBytes +
      bytes.readUInt16LE(at + 28) +
      bytes.readUInt16LE(at + 30) +
      bytes.readUInt16LE(at + 32);
    if (end > bytes.length) return malformed(entries.length, "the entry is cut off");
    entries.push(parseEntry(bytes.subarray(at, end)));
    at = end;
  }
  return { kind: "entries", entries };
}

function parseEntry(entry: Buffer): RawZipEntry {
  const nameBytes = entry.readUInt16LE(28);
  const extraStart = headerBytes + nameBytes;
  const extra = extraFieldsOf(entry.subarray(extraStart, extraStart + entry.readUInt16LE(30)));
  const flags = entry.readUInt16LE(8);
  const madeBy = entry.readUInt8(5);
  const attributes = entry.readUInt32LE(38);
  const sizes = sizesOf(entry, extra.fields);
  return {
    ...zipName(entry.subarray(headerBytes, extraStart), flags, extra.fields),
    ...sizes,
    flags,
    method: entry.readUInt16LE(10),
    crc32: entry.readUInt32LE(16),
    nameBytes,
    unixMode: madeBy === 3 || madeBy === 19 ? attributes >>> 16 : null,
    isDosDirectory: (attributes & 0x10) !== 0,
    problem: extra.problem ?? sizes.problem,
  };
}

function extraFieldsOf(raw: Buffer): { fields: ExtraField[]; problem: string | null } {
  try {
    return { fields: yauzl.parseExtraFields(raw), problem: null };
  } catch {
    return { fields: [], problem: "an extra field is longer than its room" };
  }
}

/** Fields of the ZIP64 extra field stand there only for those that are all ones in the header, in this order. */
function sizesOf(
  entry: Buffer,
  fields: readonly ExtraField[],
): Pick<RawZipEntry, "sizeBytes" | "compressedBytes" | "localHeaderOffset" | "problem"> {
  const zip64 = fields.find((field) => field.id === 1)?.data;
  let at = 0;
  let problem: string | null = null;
  const value = (headerAt: number): number => {
    const short = entry.readUInt32LE(headerAt);
    if (short !== 0xffff_ffff || zip64 === undefined) return short;
    at += 8;
    const long = at <= zip64.length ? safeNumber(zip64, at - 8) : null;
    if (long === null) problem = "a ZIP64 size or offset is missing or too large";
    return long ?? short;
  };
  const sizeBytes = value(24);
  const compressedBytes = value(20);
  const localHeaderOffset = value(42);
  return { sizeBytes, compressedBytes, localHeaderOffset, problem };
}

function malformed(index: number, detail: string): ParsedDirectory {
  return { kind: "malformed", detail: `entry ${index}: ${detail}` };
}
