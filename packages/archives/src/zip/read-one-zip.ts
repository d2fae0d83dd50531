import { type ByteSource, Failure, readAll } from "@shardmill/core";
import { archiveHeadBytes, contentName, notThisArchive } from "../members/sniff-archive.ts";
import { parseZipDirectory, type RawZipEntry } from "./parse-zip-directory.ts";
import { findZipEnd, type ZipEnd, zipTailBytes } from "./zip-end-record.ts";

/** One zip with its own end record; more may lie before it in the same file. */
export interface WholeZip {
  readonly raw: readonly RawZipEntry[];
  /** Bytes that lie before the archive and that its offsets do not know of. */
  readonly shift: number;
  readonly directory: Buffer;
  readonly directoryStart: number;
  /** Where its first member lies, or its directory where it has none: what is before that is not its own. */
  readonly membersStart: number;
  /** Where its end record and comment end. */
  readonly end: number;
  /** How many bytes after `end` the first one is that is not zero; null where there is none. */
  readonly trailing: number | null;
}

export type FoundZip =
  | { readonly kind: "found"; readonly zip: WholeZip }
  | { readonly kind: "none"; readonly failure: Failure };

export interface OneZipOptions {
  readonly maxDirectoryBytes: number;
  /** True for what lies before another zip: only what ends as a zip there is one, and there is no harm if it is none. */
  readonly isFront?: boolean | undefined;
}

/** Behind a zip's end, so many bytes may follow and it is still found. */
const searchBytes = 16 * 1024 * 1024;

/** The last zip of a source. What is wrong with it is a value; what is wrong with the source is thrown. */
export async function readOneZip(
  source: ByteSource,
  signal: AbortSignal,
  options: OneZipOptions,
): Promise<FoundZip> {
  try {
    const zip = await lastZip(source, signal, options);
    if (options.isFront === true && zip.trailing !== null)
      return { kind: "none", failure: zipMalformed(source, "bytes behind its end") };
    return { kind: "found", zip };
  } catch (error) {
    if (error instanceof Failure && /^archive_(malformed|truncated)$/.test(error.code))
      return { kind: "none", failure: error };
    throw error;
  }
}

async function lastZip(source: ByteSource, signal: AbortSignal, options: OneZipOptions): Promise<WholeZip> {
  const found = await findEnd(source, signal, options);
  const { tail, tailStart, end } = found;
  if (end.directoryBytes > options.maxDirectoryBytes)
    throw zipMalformed(
      source,
      `a directory of ${end.directoryBytes} bytes is above the limit of ${options.maxDirectoryBytes}`,
    );
  const { bytes: directory, start } = await directoryBytes(source, found, signal);
  const parsed = parseZipDirectory(directory);
  if (parsed.kind === "malformed") throw zipMalformed(source, parsed.detail);
  const raw = parsed.entries;
  const count = raw.length;
  if (end.isCountShort ? (count & 0xffff) !== end.entryCount : count !== end.entryCount)
    throw zipMalformed(source, `the end record counts ${end.entryCount} entries, the directory has ${count}`);
  const shift = start - end.declaredOffset;
  const first = raw.reduce(
    (least, { localHeaderOffset }) => Math.min(least, localHeaderOffset + shift),
    start,
  );
  const behind = tail.subarray(end.endsAt - tailStart).findIndex((byte) => byte !== 0);
  const zip: WholeZip = {
    raw,
    shift,
    directory,
    directoryStart: start,
    membersStart: Math.max(0, first),
    end: end.endsAt,
    trailing: behind < 0 ? null : behind,
  };
  if (zip.trailing !== null && zip.membersStart > 0 && (await beginsAsZip(source, signal)))
    throw truncated(
      source,
      "a zip that ends before the file does lies within it: the directory of its own is missing",
    );
  return zip;
}

/** The end record, with the bytes at the end of the file in which it was found. */
interface FoundEnd {
  readonly tail: Buffer;
  readonly tailStart: number;
  readonly end: ZipEnd;
}

async function findEnd(
  source: ByteSource,
  signal: AbortSignal,
  { isFront }: OneZipOptions,
): Promise<FoundEnd> {
  let detail = "";
  for (const bytes of isFront === true ? [zipTailBytes] : [zipTailBytes, searchBytes]) {
    const tailStart = Math.max(0, source.sizeBytes - bytes);
    const tail = Buffer.from(await readAll(source, { start: tailStart, end: source.sizeBytes }, signal));
    let result = findZipEnd(tail, tailStart, null);
    if (result.kind === "zip64-outside") {
      const range = { start: result.at, end: result.at + 56 };
      result = findZipEnd(tail, tailStart, Buffer.from(await readAll(source, range, signal)));
    }
    if (result.kind === "found") return { tail, tailStart, end: result.end };
    detail = result.kind === "malformed" ? result.detail : "the ZIP64 end record is damaged";
    const isSearched = tailStart === 0 || (result.kind === "malformed" && !result.isMissing);
    if (isSearched || !(await beginsAsZip(source, signal))) break;
  }
  const head = await readAll(source, { start: 0, end: Math.min(archiveHeadBytes, source.sizeBytes) }, signal);
  const looks = contentName(head);
  if (await beginsAsZip(source, signal)) throw truncated(source, detail);
  throw looks === null
    ? zipMalformed(source, detail)
    : failure("archive_malformed", notThisArchive(source.name, "zip archive", head), source);
}

async function beginsAsZip(source: ByteSource, signal: AbortSignal): Promise<boolean> {
  if (source.sizeBytes < 4) return false;
  const head = Buffer.from(await readAll(source, { start: 0, end: 4 }, signal));
  return head.readUInt32LE(0) === 0x04034b50;
}

/** The directory lies right before the record that follows it; only where it does not, the stated offset is tried. */
async function directoryBytes(
  source: ByteSource,
  { tail, tailStart, end }: FoundEnd,
  signal: AbortSignal,
): Promise<{ bytes: Buffer; start: number }> {
  const length = end.directoryBytes;
  if (length === 0) return { bytes: Buffer.alloc(0), start: Math.max(0, end.followedAt) };
  for (const start of new Set([end.followedAt - length, end.declaredOffset])) {
    if (start < 0 || start + length > source.sizeBytes) continue;
    const bytes =
      start >= tailStart
        ? tail.subarray(start - tailStart, start - tailStart + length)
        : Buffer.from(await readAll(source, { start, end: start + length }, signal));
    if (length >= 4 && bytes.readUInt32LE(0) === 0x02014b50) return { bytes, start };
  }
  throw zipMalformed(source, "no directory where the end record says it is");
}

function truncated(source: ByteSource, detail: string): Failure {
  return failure("archive_truncated", `zip ${source.name} begins as one, but ${detail}`, source);
}

export function zipMalformed(source: ByteSource, detail: string): Failure {
  return failure("archive_malformed", `zip directory of ${source.name}: ${detail}`, source);
}

function failure(
  code: "archive_malformed" | "archive_truncated",
  message: string,
  source: ByteSource,
): Failure {
  return new Failure(code, message, { where: { path: source.name } });
}
