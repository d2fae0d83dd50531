import { createHash } from "node:crypto";
import { type ByteSource, Failure, readAll, type ZipEntry } from "@shardmill/core";
import { judgeZipEntries } from "./judge-zip-entries.ts";
import { parseZipDirectory } from "./parse-zip-directory.ts";
import type { LeftOut } from "./stream-options.ts";
import { findZipEnd, type ZipEnd, zipTailBytes } from "./zip-end-record.ts";

export interface ZipDirectory {
  /** Members that can be read, in archive order: ascending offset of the local header. */
  readonly entries: ZipEntry[];
  /** Members that the directory alone rules out, in archive order. */
  readonly leftOut: LeftOut[];
  /** Entries that are no directories: those above together. */
  readonly memberCount: number;
  /** sha256 of the central directory's bytes. */
  readonly directoryHash: string;
  readonly directoryBytes: number;
}

export interface ZipDirectoryOptions {
  /** A member larger than this, decompressed, is left out as bomb_suspected. */
  readonly maxBytes?: number | undefined;
  /** A larger directory is refused rather than read into memory. */
  readonly maxDirectoryBytes?: number | undefined;
}

/**
 * Reads a zip's directory in two requests: the archive's last 64 KiB, then the directory, unless the first held it all.
 * One more where a ZIP64 record lies outside of these.
 */
export async function readZipDirectory(
  source: ByteSource,
  signal: AbortSignal,
  options: ZipDirectoryOptions = {},
): Promise<ZipDirectory> {
  const tailStart = Math.max(0, source.sizeBytes - zipTailBytes);
  const tail = Buffer.from(await readAll(source, { start: tailStart, end: source.sizeBytes }, signal));
  const end = await zipEnd(source, tail, tailStart, signal);
  const limit = options.maxDirectoryBytes ?? 512 * 1024 * 1024;
  if (end.directoryBytes > limit)
    throw malformed(source, `a directory of ${end.directoryBytes} bytes is above the limit of ${limit}`);

  const { bytes, start } = await directoryBytes(source, end, tail, tailStart, signal);
  const parsed = parseZipDirectory(bytes);
  if (parsed.kind === "malformed") throw malformed(source, parsed.detail);
  const found = parsed.entries.length;
  if (end.isCountShort ? (found & 0xffff) !== end.entryCount : found !== end.entryCount)
    throw malformed(source, `the end record counts ${end.entryCount} entries, the directory has ${found}`);

  const judged = judgeZipEntries(parsed.entries, {
    shift: start - end.declaredOffset,
    directoryStart: start,
    maxBytes: options.maxBytes ?? Number.POSITIVE_INFINITY,
  });
  return {
    ...judged,
    directoryHash: createHash("sha256").update(bytes).digest("hex"),
    directoryBytes: bytes.length,
  };
}

async function zipEnd(
  source: ByteSource,
  tail: Buffer,
  tailStart: number,
  signal: AbortSignal,
): Promise<ZipEnd> {
  let result = findZipEnd(tail, tailStart, null);
  if (result.kind === "zip64-outside") {
    const range = { start: result.at, end: result.at + 56 };
    result = findZipEnd(tail, tailStart, Buffer.from(await readAll(source, range, signal)));
  }
  if (result.kind === "found") return result.end;
  if (result.kind === "malformed" && (await beginsAsZip(source, signal)))
    throw new Failure("archive_truncated", `zip ${source.name} begins as one, but ${result.detail}`, {
      where: { path: source.name },
    });
  throw malformed(source, result.kind === "malformed" ? result.detail : "the ZIP64 end record is damaged");
}

async function beginsAsZip(source: ByteSource, signal: AbortSignal): Promise<boolean> {
  if (source.sizeBytes < 4) return false;
  const head = Buffer.from(await readAll(source, { start: 0, end: 4 }, signal));
  return head.readUInt32LE(0) === 0x04034b50;
}

/** The directory lies right before the record that follows it; only where it does not, the stated offset is tried. */
async function directoryBytes(
  source: ByteSource,
  end: ZipEnd,
  tail: Buffer,
  tailStart: number,
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
  throw malformed(source, "no directory where the end record says it is");
}

function malformed(source: ByteSource, detail: string): Failure {
  return new Failure("archive_malformed", `zip directory of ${source.name}: ${detail}`, {
    where: { path: source.name },
  });
}
