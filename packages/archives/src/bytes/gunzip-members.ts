import { crc32, createInflateRaw } from "node:zlib";
import { archiveHeadBytes, contentName, firstBytes, isGzip, sniffTar } from "../members/sniff-archive.ts";
import type { ByteCursor } from "./byte-cursor.ts";
import { InflateError, inflate } from "./inflate.ts";

/** Bytes that are no further gzip data, by their place in the file. */
export interface ForeignBytes {
  readonly offset: number;
  readonly bytes: number;
  /** What they are, or how they begin. */
  readonly looks: string;
}

/**
 * Decompresses gzip data member by member (RFC 1952: a file is a series of them), each held to its checksum and size.
 * zlib's own reader of such series drops what follows the last member without a word: here zeros are padding, a tar is
 * handed on as it is, and anything else is told. The cursor stands at the first member.
 */
export async function* gunzipMembers(
  cursor: ByteCursor,
  onForeign: (found: ForeignBytes) => void,
): AsyncGenerator<Uint8Array> {
  for (;;) {
    await skipHeader(cursor);
    const decoder = createInflateRaw({ chunkSize: 256 * 1024 });
    let sum = 0;
    let sizeBytes = 0;
    for await (const chunk of inflate(decoder, slicesFor(cursor, decoder))) {
      sum = crc32(chunk, sum);
      sizeBytes += chunk.length;
      yield chunk;
    }
    const trailer = asBuffer(await need(cursor, 8));
    if (trailer.readUInt32LE(0) !== sum) throw damaged("its checksum is wrong");
    if (trailer.readUInt32LE(4) !== sizeBytes % 2 ** 32) throw damaged("its size is wrong");
    const head = await behind(cursor);
    if (head.length === 0) return;
    if (isGzip(head)) continue;
    if (sniffTar(head) === "tar") return yield* cursor.section(Number.MAX_SAFE_INTEGER);
    const { offset } = cursor;
    const looks = contentName(head) ?? firstBytes(head);
    return onForeign({ offset, bytes: await cursor.skip(Number.MAX_SAFE_INTEGER), looks });
  }
}

/** Hands the decoder what it can look at in one go, and passes only what it took: the rest is behind its member. */
async function* slicesFor(
  cursor: ByteCursor,
  decoder: { readonly bytesWritten: number },
): AsyncGenerator<Uint8Array> {
  const sliceBytes = 32 * 1024;
  for (;;) {
    const slice = (await cursor.peek(1)).subarray(0, sliceBytes);
    if (slice.length === 0) return;
    const before = decoder.bytesWritten;
    try {
      yield slice;
    } finally {
      await cursor.skip(decoder.bytesWritten - before);
    }
  }
}

/** What follows a member: past zeros, as much as shows what it is; nothing at the end. */
async function behind(cursor: ByteCursor): Promise<Uint8Array> {
  for (;;) {
    const next = await cursor.peek(1);
    const zeros = next.findIndex((byte) => byte !== 0);
    if (zeros !== -1) {
      await cursor.skip(zeros);
      return cursor.peek(archiveHeadBytes);
    }
    if (next.length === 0) return next;
    await cursor.skip(next.length);
  }
}

async function skipHeader(cursor: ByteCursor): Promise<void> {
  const header = await need(cursor, 10);
  if (!isGzip(header)) throw damaged("its header is none");
  const flags = header[3] ?? 0;
  if ((flags & 4) !== 0) await need(cursor, asBuffer(await need(cursor, 2)).readUInt16LE(0));
  for (const flag of [8, 16]) if ((flags & flag) !== 0) while ((await need(cursor, 1))[0] !== 0);
  if ((flags & 2) !== 0) await need(cursor, 2);
}

async function need(cursor: ByteCursor, bytes: number): Promise<Uint8Array> {
  const taken = await cursor.take(bytes);
  if (taken.length === bytes) return taken;
  throw new InflateError(new Error("unexpected end of file"), true);
}

function damaged(detail: string): InflateError {
  return new InflateError(new Error(detail), false);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
