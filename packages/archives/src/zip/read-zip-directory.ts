import { createHash } from "node:crypto";
import { type ByteSource, type Remark, RemarkBook, readAll, type ZipEntry } from "@shardmill/core";
import { contentName, firstBytes } from "../members/sniff-archive.ts";
import type { LeftOut } from "../members/stream-options.ts";
import { trailingDetail } from "../tar/read-tar-head.ts";
import { judgeZipEntries } from "./judge-zip-entries.ts";
import { readOneZip, type WholeZip, zipMalformed } from "./read-one-zip.ts";

export interface ZipDirectory {
  /** Members that can be read, in archive order: ascending offset of the local header. */
  readonly entries: ZipEntry[];
  /** Members that the directory alone rules out, in archive order. */
  readonly leftOut: LeftOut[];
  /** Entries that are no directories: those above together. */
  readonly memberCount: number;
  /** sha256 of the central directory's bytes; of several archives, one after the other. */
  readonly directoryHash: string;
  readonly directoryBytes: number;
  /** Bytes before the first archive or behind the last one that belong to neither. */
  readonly remarks: readonly Remark[];
}

export interface ZipDirectoryOptions {
  /** A member larger than this, decompressed, is left out as bomb_suspected. */
  readonly maxBytes?: number | undefined;
  /** A larger directory is refused rather than read into memory. */
  readonly maxDirectoryBytes?: number | undefined;
}

/** Zips glued together that are looked for; each costs a request or two. */
const maxArchives = 1000;

/**
 * Reads a zip's directory in two requests: the archive's last 64 KiB, then the directory, unless the first held it all.
 * One more where a ZIP64 record lies outside of these.
 *
 * A zip is found by its end, so that of two zips one after the other (`cat a.zip b.zip`) readers see the last alone: here
 * what lies before the first member is looked at in the same way, and a whole zip there is read too, its members first.
 * Anything else there (a self-extractor) or behind the end is a remark.
 */
export async function readZipDirectory(
  source: ByteSource,
  signal: AbortSignal,
  options: ZipDirectoryOptions = {},
): Promise<ZipDirectory> {
  const maxDirectoryBytes = options.maxDirectoryBytes ?? 512 * 1024 * 1024;
  const remarks = new RemarkBook();
  const last = await readOneZip(source, signal, { maxDirectoryBytes });
  if (last.kind === "none") throw last.failure;
  const zips = [last.zip];
  await tellTrailing(source, last.zip, remarks, signal);
  for (let { membersStart } = last.zip; membersStart > 0; ) {
    if (zips.length === maxArchives) throw zipMalformed(source, `more than ${maxArchives} archives in one`);
    const found = await readOneZip(frontOf(source, membersStart), signal, {
      maxDirectoryBytes,
      isFront: true,
    });
    if (found.kind === "none") {
      await tellLeading(source, membersStart, remarks, signal);
      break;
    }
    zips.unshift(found.zip);
    ({ membersStart } = found.zip);
  }
  return { ...judged(zips, options.maxBytes ?? Number.POSITIVE_INFINITY), remarks: remarks.list() };
}

function judged(zips: readonly WholeZip[], maxBytes: number): Omit<ZipDirectory, "remarks"> {
  const hash = createHash("sha256");
  const entries: ZipEntry[] = [];
  const leftOut: LeftOut[] = [];
  let firstPosition = 0;
  for (const { raw, shift, directory, directoryStart } of zips) {
    const part = judgeZipEntries(raw, { shift, directoryStart, maxBytes, firstPosition });
    for (const entry of part.entries) entries.push(entry);
    for (const member of part.leftOut) leftOut.push(member);
    hash.update(directory);
    firstPosition += raw.length;
  }
  return {
    entries,
    leftOut,
    memberCount: entries.length + leftOut.length,
    directoryHash: hash.digest("hex"),
    directoryBytes: zips.reduce((sum, { directory }) => sum + directory.length, 0),
  };
}

function frontOf(source: ByteSource, sizeBytes: number): ByteSource {
  return { name: source.name, sizeBytes, read: (range, signal) => source.read(range, signal) };
}

async function tellTrailing(
  source: ByteSource,
  { end, trailing }: WholeZip,
  remarks: RemarkBook,
  signal: AbortSignal,
): Promise<void> {
  if (trailing === null) return;
  const offset = end + trailing;
  const shown = { start: offset, end: Math.min(source.sizeBytes, offset + 512) };
  const head = await readAll(source, shown, signal);
  const looks = contentName(head) ?? firstBytes(head);
  const place = `zip ${source.name} at byte ${offset}`;
  remarks.add("trailing_bytes", trailingDetail(place, source.sizeBytes - offset, looks));
}

async function tellLeading(
  source: ByteSource,
  bytes: number,
  remarks: RemarkBook,
  signal: AbortSignal,
): Promise<void> {
  const head = await readAll(source, { start: 0, end: Math.min(bytes, 512) }, signal);
  const looks = contentName(head) ?? firstBytes(head);
  remarks.add(
    "leading_bytes",
    `zip ${source.name}: ${bytes} bytes before the archive's first member are no whole zip: ${looks}`,
  );
}
