import { constants } from "node:buffer";
import {
  type ByteSource,
  Failure,
  type Rejection,
  RemarkBook,
  reject,
  type StreamedMember,
} from "@shardmill/core";
import { ByteCursor } from "../bytes/byte-cursor.ts";
import { countedRead } from "../bytes/counted-read.ts";
import { gunzipMembers } from "../bytes/gunzip-members.ts";
import { InflateError } from "../bytes/inflate.ts";
import { archiveHeadBytes, isGzip } from "../members/sniff-archive.ts";
import type { StreamOptions } from "../members/stream-options.ts";
import { cutDetail, type TarEnd, type TarHead, TarHeads, trailingDetail } from "./read-tar-head.ts";

export interface TarStreamOptions extends StreamOptions {
  /** Where it is written down what was found besides members: bytes that are no tar, an end that came too early. */
  readonly remarks?: RemarkBook | undefined;
  /**
   * Asked once for every entry that is no folder, in order, whatever is wrong with it. What is not wanted is passed over
   * without being held in memory and is not yielded, but keeps its position.
   */
  readonly want?: ((position: number, name: string, sizeBytes: number) => boolean) | undefined;
}

/** From here on a member's expansion must be plausible: media hardly compresses at all. */
const suspiciousBytes = 64 * 1024 * 1024;
const suspiciousRatio = 200;

/**
 * Streams a tar once, from its first byte to its last, unpacking it where its bytes (not its name) say that it is gzip data.
 * Memory holds one member and a few chunks. A tape that ends too early although the source gave every byte it has gives its
 * whole members, then the one that is cut off as member_truncated, and a remark. What is damaged ends in a Failure, after
 * all that was whole.
 */
export async function* streamTarMembers(
  source: ByteSource,
  options: TarStreamOptions,
  signal: AbortSignal,
): AsyncGenerator<StreamedMember> {
  const tape = await openTape(source, options, signal);
  const { cursor } = tape;
  try {
    for (let position = 0; ; position++) {
      signal.throwIfAborted();
      const head = await headOf(tape);
      if (head.kind === "end") {
        if (head.cut !== null) yield* cutInHeaders(tape, options, position, head.cut);
        break;
      }
      if (head.isDirectory || options.want?.(position, head.name, head.sizeBytes) === false) {
        if ((await cursor.skip(head.paddedBytes)) >= head.sizeBytes) continue;
        endWithin(tape, head.name);
        break;
      }
      const member = await readMember(tape, head, options.maxBytes);
      yield { position, name: head.name, ...member.streamed };
      if (member.isCutOff) {
        endWithin(tape, head.name);
        break;
      }
      await cursor.skip(head.paddedBytes - head.sizeBytes);
    }
    await finish(tape);
  } finally {
    await cursor.close();
  }
}

interface Tape {
  readonly source: ByteSource;
  readonly cursor: ByteCursor;
  readonly heads: TarHeads;
  readonly remarks: RemarkBook;
  readonly packed: Packed;
}

/** What is known of the bytes as they come from the source. */
interface Packed {
  /** Bytes that came so far, still compressed where they are. */
  bytesIn: number;
  /** Why the gzip data ended early, where it is damaged. */
  failure: Failure | null;
  /** Where the gzip data is cut: one line. */
  cut: string | null;
}

async function openTape(source: ByteSource, options: TarStreamOptions, signal: AbortSignal): Promise<Tape> {
  const packed: Packed = { bytesIn: 0, failure: null, cut: null };
  const count = (bytes: number): void => {
    packed.bytesIn += bytes;
    options.onBytes?.(bytes);
  };
  const raw = new ByteCursor(countedRead(source, { start: 0, end: source.sizeBytes }, count, signal));
  const remarks = options.remarks ?? new RemarkBook();
  const isPacked = isGzip(await raw.peek(archiveHeadBytes));
  const cursor = isPacked ? new ByteCursor(unzipped(raw, source.name, packed, remarks)) : raw;
  const within = isPacked ? "its unpacked data" : undefined;
  const heads = new TarHeads(cursor, { sourceName: source.name, within, remarks });
  return { source, cursor, heads, remarks, packed };
}

/** Ends where the gzip data does, and leaves word of why: so that what came before is used first. */
async function* unzipped(
  raw: ByteCursor,
  sourceName: string,
  packed: Packed,
  remarks: RemarkBook,
): AsyncGenerator<Uint8Array> {
  try {
    yield* gunzipMembers(raw, ({ offset, bytes, looks }) =>
      remarks.add(
        "trailing_bytes",
        trailingDetail(`${sourceName} at byte ${offset}`, bytes, looks),
        "packed",
      ),
    );
  } catch (error) {
    if (!(error instanceof InflateError)) throw error;
    if (error.isTruncated)
      packed.cut = `the gzip data of ${sourceName} ends too early, at byte ${raw.offset}`;
    else
      packed.failure = new Failure(
        "archive_malformed",
        `the gzip data of ${sourceName} is damaged: ${error.message}`,
        { where: { path: sourceName }, retry: "later", cause: error },
      );
  } finally {
    await raw.close();
  }
}

async function headOf({ heads, packed }: Tape): Promise<TarHead | TarEnd> {
  try {
    return await heads.next();
  } catch (error) {
    throw error instanceof Failure ? (packed.failure ?? error) : error;
  }
}

/** A member of which only headers are there, and not all of them. */
function* cutInHeaders(
  tape: Tape,
  options: TarStreamOptions,
  position: number,
  name: string,
): Generator<StreamedMember> {
  if (options.want?.(position, name, 0) !== false) {
    const rejection = reject("member_truncated", "the archive ends within the member's headers");
    yield { position, name, kind: "rejected", rejection };
  }
  endWithin(tape, name);
}

function endWithin({ source, remarks }: Tape, member: string): void {
  remarks.add("archive_truncated", cutDetail(source.name, member));
}

/** To the very end: only there does the source compare what it gave with the hash of the listing. */
async function finish({ source, cursor, remarks, packed }: Tape): Promise<void> {
  while ((await cursor.pull(Number.MAX_SAFE_INTEGER)) !== null);
  if (packed.failure !== null) throw packed.failure;
  // A source gives what it listed or fails: a tape that is cut is so at the source, not on the way.
  if (packed.bytesIn < source.sizeBytes)
    throw new Failure(
      "archive_truncated",
      `${source.name} gave ${packed.bytesIn} of ${source.sizeBytes} bytes`,
      { where: { path: source.name } },
    );
  const isTold = remarks.list().some(({ code }) => code === "archive_truncated");
  if (packed.cut !== null && !isTold) remarks.add("archive_truncated", packed.cut);
}

type Streamed =
  | { readonly kind: "rejected"; readonly rejection: Rejection }
  | {
      readonly kind: "member";
      readonly content: { readonly kind: "file"; readonly bytes: Uint8Array };
      readonly sizeBytes: number;
    };

interface ReadTarMember {
  readonly streamed: Streamed;
  readonly isCutOff: boolean;
}

async function readMember(tape: Tape, head: TarHead, maxBytes: number): Promise<ReadTarMember> {
  if (head.rejection !== null) return passOver(tape, head, 0, head.rejection);
  const { sizeBytes } = head;
  if (sizeBytes > Math.min(maxBytes, constants.MAX_LENGTH)) {
    const detail = `${sizeBytes} bytes, above limits.maxBytes = ${maxBytes}`;
    return passOver(tape, head, 0, reject("bomb_suspected", detail));
  }
  // Memory is committed page by page as it is filled: a lying size costs address space only.
  const bytes = Buffer.allocUnsafeSlow(sizeBytes);
  const bytesInBefore = tape.packed.bytesIn;
  let filled = 0;
  while (filled < sizeBytes) {
    const chunk = await tape.cursor.pull(sizeBytes - filled);
    if (chunk === null) break;
    bytes.set(chunk, filled);
    filled += chunk.length;
    const cameIn = Math.max(1, tape.packed.bytesIn - bytesInBefore);
    if (filled > suspiciousBytes && filled > suspiciousRatio * cameIn)
      return passOver(
        tape,
        head,
        filled,
        reject("bomb_suspected", `${cameIn} bytes expand to ${filled} and more`),
      );
  }
  if (filled < sizeBytes) return cutOffMember(head, filled);
  return { streamed: { kind: "member", content: { kind: "file", bytes }, sizeBytes }, isCutOff: false };
}

async function passOver(
  tape: Tape,
  head: TarHead,
  done: number,
  rejection: Rejection,
): Promise<ReadTarMember> {
  const came = done + (await tape.cursor.skip(head.sizeBytes - done));
  return came < head.sizeBytes
    ? cutOffMember(head, came)
    : { streamed: { kind: "rejected", rejection }, isCutOff: false };
}

function cutOffMember(head: TarHead, came: number): ReadTarMember {
  const rejection = reject("member_truncated", `expected ${head.sizeBytes} bytes, found ${came}`);
  return { streamed: { kind: "rejected", rejection }, isCutOff: true };
}
