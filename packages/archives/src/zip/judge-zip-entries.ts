import { type Rejection, reject, type ZipEntry } from "@shardmill/core";
import { nameProblem, printableName } from "../members/name-problem.ts";
import type { LeftOut } from "../members/stream-options.ts";
import type { RawZipEntry } from "./parse-zip-directory.ts";

export interface ZipLayout {
  /** Bytes that lie before the archive and that its offsets do not know of. */
  readonly shift: number;
  /** No member reaches beyond this offset. */
  readonly directoryStart: number;
  readonly maxBytes: number;
  /** Position of the archive's first entry: where another zip lies before it, positions run on. */
  readonly firstPosition: number;
}

export interface JudgedEntries {
  readonly entries: ZipEntry[];
  readonly leftOut: LeftOut[];
  readonly memberCount: number;
}

/** From here on a member's expansion must be plausible: media hardly compresses at all. */
const suspiciousBytes = 64 * 1024 * 1024;
const suspiciousRatio = 200;

/**
 * Puts entries in archive order, numbers them (directories too), and decides which are members that can be read.
 * No I/O: everything here follows from the directory.
 */
export function judgeZipEntries(raw: readonly RawZipEntry[], layout: ZipLayout): JudgedEntries {
  const ordered = raw.toSorted((a, b) => a.localHeaderOffset - b.localHeaderOffset);
  const entries: ZipEntry[] = [];
  const leftOut: LeftOut[] = [];
  for (const [index, entry] of ordered.entries()) {
    if (isDirectory(entry)) continue;
    const position = layout.firstPosition + index;
    const next = ordered[index + 1];
    const rejection = rejectionOf(entry, next === undefined ? null : next.localHeaderOffset, layout);
    if (rejection !== null) leftOut.push({ position, name: printableName(entry.name), rejection });
    else entries.push(zipEntry(position, entry, layout));
  }
  return { entries, leftOut, memberCount: entries.length + leftOut.length };
}

function isDirectory(entry: RawZipEntry): boolean {
  if (entry.name.endsWith("/")) return true;
  if (fileType(entry) === 0o040000) return true;
  return entry.sizeBytes === 0 && (entry.isDosDirectory || entry.name.endsWith("\\"));
}

function fileType(entry: RawZipEntry): number {
  return entry.unixMode === null ? 0 : entry.unixMode & 0o170000;
}

function rejectionOf(entry: RawZipEntry, nextOffset: number | null, layout: ZipLayout): Rejection | null {
  return (
    nameRejection(entry) ??
    kindRejection(entry) ??
    spanRejection(entry, nextOffset, layout) ??
    sizeRejection(entry, layout)
  );
}

function nameRejection(entry: RawZipEntry): Rejection | null {
  if (!entry.isDecodable) return reject("unsafe_name", "the name is marked as UTF-8 and is none");
  const problem = nameProblem(entry.name);
  return problem === null ? null : reject("unsafe_name", problem);
}

function kindRejection(entry: RawZipEntry): Rejection | null {
  if ((entry.flags & 0x2041) !== 0 || entry.method === 99)
    return reject("member_encrypted", "the directory marks the member as encrypted");
  const type = fileType(entry);
  if (type !== 0 && type !== 0o100000)
    return reject("member_type_unsupported", `expected a file, found Unix type ${type.toString(8)}`);
  if (entry.method !== 0 && entry.method !== 8)
    return reject("member_method_unknown", `expected method 0 or 8, found ${entry.method}`);
  if (entry.problem !== null) return reject("member_malformed", entry.problem);
  return null;
}

function spanRejection(entry: RawZipEntry, nextOffset: number | null, layout: ZipLayout): Rejection | null {
  const end = entry.localHeaderOffset + 30 + entry.nameBytes + entry.compressedBytes;
  if (entry.localHeaderOffset + layout.shift < 0 || end + layout.shift > layout.directoryStart)
    return reject(
      "member_malformed",
      `bytes ${entry.localHeaderOffset} to ${end} are not in the members' part of the archive`,
    );
  if (nextOffset !== null && end > nextOffset)
    return reject("member_malformed", `the member ends at ${end} and the next begins at ${nextOffset}`);
  return null;
}

function sizeRejection(entry: RawZipEntry, { maxBytes }: ZipLayout): Rejection | null {
  const { sizeBytes, compressedBytes } = entry;
  if (sizeBytes === 0) return reject("empty_member", "the member has zero bytes");
  if (entry.method === 0 && compressedBytes !== sizeBytes)
    return reject("member_malformed", `stored, but ${compressedBytes} bytes for a size of ${sizeBytes}`);
  if (sizeBytes > maxBytes)
    return reject("bomb_suspected", `${sizeBytes} bytes, above limits.maxBytes = ${maxBytes}`);
  if (sizeBytes > suspiciousBytes && sizeBytes > suspiciousRatio * compressedBytes)
    return reject("bomb_suspected", `${compressedBytes} bytes expand to ${sizeBytes}`);
  return null;
}

function zipEntry(position: number, entry: RawZipEntry, { shift }: ZipLayout): ZipEntry {
  return {
    position,
    name: entry.name,
    localHeaderOffset: entry.localHeaderOffset + shift,
    compressedBytes: entry.compressedBytes,
    sizeBytes: entry.sizeBytes,
    crc32: entry.crc32,
    method: entry.method,
  };
}
