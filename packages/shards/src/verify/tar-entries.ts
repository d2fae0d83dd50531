import { blockBytes, paddingBytes, parseTarHeader } from "@shardmill/core";
import { ustarOddity } from "./ustar-oddity.ts";

/** What a tar is made of, in order. `problem` ends the walk: what follows it cannot be trusted. */
export type TarPiece =
  | {
      readonly kind: "entry";
      readonly name: string;
      readonly headerOffset: number;
      readonly sizeBytes: number;
    }
  /** Data of the entry before. */
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  | { readonly kind: "end"; readonly endOffset: number; readonly sizeBytes: number }
  /** An entry that Shardmill does not write, such as a pax header; the walk goes on. */
  | { readonly kind: "oddity"; readonly detail: string }
  | { readonly kind: "problem"; readonly detail: string };

/**
 * Walks a tar's bytes strictly: every header in turn, two zero blocks at the end, zeros up to a full
 * record. Lenient readers stop at a cut on a member's border without an error; this one does not.
 */
export async function* tarEntries(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TarPiece> {
  const bytes = new ByteWalk(chunks);
  for (;;) {
    const headerOffset = bytes.offset;
    const header = await bytes.take(blockBytes);
    if (header === null) return yield problem(`the archive ends at ${bytes.total} without its end blocks`);
    const parsed = parseTarHeader(header);
    if (parsed.kind === "zero") return yield await ending(bytes, headerOffset);
    if (parsed.kind === "malformed") return yield problem(`there is no tar header at ${headerOffset}`);
    const oddity = ustarOddity(header);
    if (oddity !== null) yield { kind: "oddity", detail: `the entry at ${headerOffset} is ${oddity}` };
    const { rawName, sizeBytes, type } = parsed.header;
    const entry = { name: rawName.toString("utf8"), sizeBytes, isFile: type === "0" };
    if (entry.isFile) yield { kind: "entry", name: entry.name, headerOffset, sizeBytes };
    const broken = yield* content(bytes, entry);
    if (broken !== null) return yield problem(broken);
  }
}

/** Data and padding of one entry; returns what is wrong with them, or null. */
async function* content(
  bytes: ByteWalk,
  {
    name,
    sizeBytes,
    isFile,
  }: { readonly name: string; readonly sizeBytes: number; readonly isFile: boolean },
): AsyncGenerator<TarPiece, string | null> {
  for (let left = sizeBytes; left > 0; ) {
    const some = await bytes.some(left);
    if (some === null) return `the archive ends within ${name}`;
    left -= some.length;
    if (isFile) yield { kind: "data", bytes: some };
  }
  const padding = await bytes.take(paddingBytes(sizeBytes));
  if (padding === null) return `the archive ends within the padding of ${name}`;
  return isZero(padding) ? null : `the padding of ${name} is not zero`;
}

async function ending(bytes: ByteWalk, endOffset: number): Promise<TarPiece> {
  const second = await bytes.take(blockBytes);
  if (second === null || !isZero(second)) return problem("the archive has one end block, not two");
  for (let some = await bytes.some(blockBytes); some !== null; some = await bytes.some(blockBytes)) {
    if (!isZero(some)) return problem("there is data after the end blocks");
  }
  return { kind: "end", endOffset, sizeBytes: bytes.total };
}

function problem(detail: string): { readonly kind: "problem"; readonly detail: string } {
  return { kind: "problem", detail };
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** Takes exact amounts from chunks of any size. */
class ByteWalk {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #offset = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  get offset(): number {
    return this.#offset;
  }

  /** Bytes walked so far. */
  get total(): number {
    return this.#offset;
  }

  /** Between one byte and that many, without copying; null at the end. */
  async some(atMost: number): Promise<Uint8Array | null> {
    while (this.#chunk.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return null;
      this.#chunk = next.value;
    }
    const some = this.#chunk.subarray(0, atMost);
    this.#chunk = this.#chunk.subarray(some.length);
    this.#offset += some.length;
    return some;
  }

  /** Exactly that many bytes; null when the end comes first. */
  async take(count: number): Promise<Uint8Array | null> {
    if (this.#chunk.length >= count) return count === 0 ? new Uint8Array(0) : this.some(count);
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count; ) {
      const some = await this.some(count - at);
      if (some === null) return null;
      bytes.set(some, at);
      at += some.length;
    }
    return bytes;
  }
}
