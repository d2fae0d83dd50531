import { constants } from "node:buffer";
import { crc32, createInflateRaw } from "node:zlib";
import { type Rejection, reject, type ZipEntry } from "@shardmill/core";
import { InflateError, inflate } from "../bytes/inflate.ts";
import type { StreamOptions } from "../members/stream-options.ts";
import { localContradiction, localHeaderBytes, localRestBytes } from "./zip-local-header.ts";

/** Where a member's bytes come from, positioned at its local header. */
export interface MemberReader {
  take(bytes: number): Promise<Uint8Array>;
  section(bytes: number): AsyncIterable<Uint8Array>;
}

export type ReadMember =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "rejected"; readonly rejection: Rejection };

/** Reads one member: header checked against the directory, data inflated into its stated size and no more, CRC checked. */
export async function readZipMember(
  reader: MemberReader,
  entry: ZipEntry,
  nextOffset: number | null,
  { maxBytes, room = Buffer.allocUnsafeSlow }: Pick<StreamOptions, "maxBytes" | "room">,
): Promise<ReadMember> {
  if (entry.sizeBytes > Math.min(maxBytes, constants.MAX_LENGTH))
    return rejected("bomb_suspected", `${entry.sizeBytes} bytes, above limits.maxBytes = ${maxBytes}`);
  const header = asBuffer(await reader.take(localHeaderBytes));
  const restBytes = localRestBytes(header);
  if (restBytes === null)
    return rejected("member_malformed", "no local header where the directory says it is");
  const rest = asBuffer(await reader.take(restBytes));
  const contradiction = localContradiction(header, rest, entry);
  if (contradiction !== null) return rejected("member_malformed", contradiction);
  const end = entry.localHeaderOffset + localHeaderBytes + restBytes + entry.compressedBytes;
  if (nextOffset !== null && end > nextOffset)
    return rejected("member_malformed", `the member ends at ${end} and the next begins at ${nextOffset}`);
  const target = new Target(room(entry.sizeBytes));
  return entry.method === 0 ? store(reader, entry, target) : expand(reader, entry, target);
}

async function store(reader: MemberReader, entry: ZipEntry, target: Target): Promise<ReadMember> {
  for await (const chunk of reader.section(entry.compressedBytes)) target.add(chunk);
  if (target.filled < entry.sizeBytes) return rejected("member_truncated", target.shortfall());
  return target.checked(entry);
}

async function expand(reader: MemberReader, entry: ZipEntry, target: Target): Promise<ReadMember> {
  let came = 0;
  const input = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of reader.section(entry.compressedBytes)) {
      came += chunk.length;
      yield chunk;
    }
  };
  const decoder = createInflateRaw({ chunkSize: 256 * 1024 });
  try {
    for await (const chunk of inflate(decoder, input()))
      if (!target.add(chunk))
        return rejected("bomb_suspected", `it expands beyond its stated size of ${entry.sizeBytes} bytes`);
  } catch (error) {
    if (!(error instanceof InflateError)) throw error;
    if (came < entry.compressedBytes) return rejected("member_truncated", target.shortfall());
    return rejected("bad_crc", `the compressed data is damaged: ${error.message}`);
  }
  if (target.filled < entry.sizeBytes) return rejected("member_malformed", target.shortfall());
  return target.checked(entry);
}

/** Room for exactly the stated size. */
class Target {
  filled = 0;
  #crc = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** False when there is more than was stated. */
  add(chunk: Uint8Array): boolean {
    if (this.filled + chunk.length > this.#bytes.length) return false;
    this.#bytes.set(chunk, this.filled);
    this.filled += chunk.length;
    this.#crc = crc32(chunk, this.#crc);
    return true;
  }

  shortfall(): string {
    return `expected ${this.#bytes.length} bytes, found ${this.filled}`;
  }

  checked(entry: ZipEntry): ReadMember {
    if (this.#crc === entry.crc32) return { kind: "bytes", bytes: this.#bytes };
    const hex = (crc: number): string => crc.toString(16).padStart(8, "0");
    return rejected("bad_crc", `expected CRC ${hex(entry.crc32)}, found ${hex(this.#crc)}`);
  }
}

function rejected(code: Parameters<typeof reject>[0], detail: string): ReadMember {
  return { kind: "rejected", rejection: reject(code, detail) };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
