import { constants } from "node:buffer";
import { createGunzip } from "node:zlib";
import { type ByteSource, Failure, type Rejection, reject, type StreamedMember } from "@shardmill/core";
import { ByteCursor } from "./byte-cursor.ts";
import { countedRead } from "./counted-read.ts";
import { InflateError, inflate } from "./inflate.ts";
import { readTarHead, type TarHead, truncated } from "./read-tar-head.ts";
import type { StreamOptions } from "./stream-options.ts";

export interface TarStreamOptions extends StreamOptions {
  readonly gzip: boolean;
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
 * Streams a tar or tar.gz once, from its first byte to its last. Memory holds one member and a few chunks.
 * A member that is cut off is yielded as member_truncated; then the stream ends in a Failure, after all that was whole.
 */
export async function* streamTarMembers(
  source: ByteSource,
  options: TarStreamOptions,
  signal: AbortSignal,
): AsyncGenerator<StreamedMember> {
  const tape = openTape(source, options, signal);
  const { cursor } = tape;
  try {
    for (let position = 0; ; position++) {
      signal.throwIfAborted();
      const head = await headOf(tape, source.name);
      if (head === null) break;
      if (head.isDirectory || options.want?.(position, head.name, head.sizeBytes) === false) {
        if ((await cursor.skip(head.paddedBytes)) < head.sizeBytes) throw cutOff(tape, source.name, head);
        continue;
      }
      const member = await readMember(tape, head, options.maxBytes);
      yield { position, name: head.name, ...member.streamed };
      if (member.isCutOff) throw cutOff(tape, source.name, head);
      const rest = head.paddedBytes - head.sizeBytes;
      await cursor.skip(rest);
    }
    // What follows the end marker is padding; reading it lets gzip check its sum.
    while ((await cursor.pull(Number.MAX_SAFE_INTEGER)) !== null);
    if (tape.failure !== null) throw tape.failure;
  } finally {
    await cursor.close();
  }
}

interface Tape {
  readonly cursor: ByteCursor;
  /** Bytes that came from the source so far, still compressed where it is. */
  bytesIn: number;
  /** Why the stream ended early, when its compression knows. */
  failure: Failure | null;
}

function openTape(source: ByteSource, options: TarStreamOptions, signal: AbortSignal): Tape {
  const count = (bytes: number): void => {
    tape.bytesIn += bytes;
    options.onBytes?.(bytes);
  };
  const raw = countedRead(source, { start: 0, end: source.sizeBytes }, count, signal);
  const chunks = options.gzip ? unzipped(raw, source.name, () => tape) : raw;
  const tape: Tape = { cursor: new ByteCursor(chunks), bytesIn: 0, failure: null };
  return tape;
}

/** Ends where the gzip data does, and leaves word of why: so that what came before is used first. */
async function* unzipped(
  raw: AsyncIterable<Uint8Array>,
  sourceName: string,
  tape: () => Tape,
): AsyncGenerator<Uint8Array> {
  try {
    yield* inflate(createGunzip({ chunkSize: 256 * 1024 }), raw);
  } catch (error) {
    if (!(error instanceof InflateError)) throw error;
    const code = error.isTruncated ? "archive_truncated" : "archive_malformed";
    const message = `the gzip data of ${sourceName} ${error.isTruncated ? "ends too early" : "is damaged"}: ${error.message}`;
    tape().failure = new Failure(code, message, {
      where: { path: sourceName },
      retry: "later",
      cause: error,
    });
  }
}

async function headOf(tape: Tape, sourceName: string): Promise<TarHead | null> {
  try {
    return await readTarHead(tape.cursor, sourceName);
  } catch (error) {
    throw error instanceof Failure ? (tape.failure ?? error) : error;
  }
}

function cutOff(tape: Tape, sourceName: string, head: TarHead): Failure {
  return tape.failure ?? truncated(sourceName, `within ${head.name}`);
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
  const bytesInBefore = tape.bytesIn;
  let filled = 0;
  while (filled < sizeBytes) {
    const chunk = await tape.cursor.pull(sizeBytes - filled);
    if (chunk === null) break;
    bytes.set(chunk, filled);
    filled += chunk.length;
    const cameIn = Math.max(1, tape.bytesIn - bytesInBefore);
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
