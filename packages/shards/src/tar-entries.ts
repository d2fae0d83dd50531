import { blockBytes, checksum, paddingBytes } from "./ustar-header.ts";

/** What a tar is made of, in order. `problem` ends the walk: what follows it cannot be trusted. */
export type TarPiece =
  | {
      readonly kind: "entry";
      readonly name: string;
      readonly headerOffset: number;
      readonly sizeBytes: number;
    }
  /** Data of the entry before; only when asked for. */
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  | { readonly kind: "end"; readonly endOffset: number; readonly sizeBytes: number }
  | { readonly kind: "problem"; readonly detail: string };

/**
 * Walks a tar's bytes strictly: pure ustar as the writer makes it, two zero blocks at the end, zeros up to a full
 * record. Lenient readers stop at a cut on a member's border without an error; this one does not.
 */
export async function* tarEntries(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TarPiece> {
  const bytes = new ByteWalk(chunks);
  for (;;) {
    const headerOffset = bytes.offset;
    const header = await bytes.take(blockBytes);
    if (header === null) return yield problem(`the archive ends at ${bytes.total} without its end blocks`);
    if (isZero(header)) return yield await ending(bytes, headerOffset);
    const read = parseHeader(header, headerOffset);
    if (read.kind === "problem") return yield read;
    yield read;
    let left = read.sizeBytes;
    while (left > 0) {
      const some = await bytes.some(left);
      if (some === null) return yield problem(`the archive ends within ${read.name}`);
      left -= some.length;
      yield { kind: "data", bytes: some };
    }
    const padding = await bytes.take(paddingBytes(read.sizeBytes));
    if (padding === null) return yield problem(`the archive ends within the padding of ${read.name}`);
    if (!isZero(padding)) return yield problem(`the padding of ${read.name} is not zero`);
  }
}

function parseHeader(
  header: Uint8Array,
  headerOffset: number,
): Extract<TarPiece, { kind: "entry" | "problem" }> {
  const text = Buffer.from(header.buffer, header.byteOffset, header.length);
  const field = (start: number, end: number): string => text.toString("latin1", start, end);
  const at = `at ${headerOffset}`;
  if (Number.parseInt(field(148, 154), 8) !== checksum(header))
    return problem(`the header ${at} has a wrong checksum`);
  if (field(257, 265) !== "ustar\x0000") return problem(`the header ${at} is not ustar`);
  if (field(156, 157) !== "0")
    return problem(`the entry ${at} is of type ${JSON.stringify(field(156, 157))}, not a file`);
  const size = field(124, 136);
  if (!/^[0-7]{11}\0$/.test(size)) return problem(`the header ${at} has an unreadable size`);
  if (field(345, 500).replaceAll("\0", "") !== "") return problem(`the header ${at} has a name prefix`);
  const name = field(0, 100).replace(/\0+$/, "");
  return { kind: "entry", name, headerOffset, sizeBytes: Number.parseInt(size, 8) };
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
