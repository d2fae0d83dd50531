import { z } from "zod";
import { parseHeader } from "./parse-header.ts";

/**
 * Framing on the private pipe between pool and child: u32 header length, header (JSON with `sizes`), then the
 * parts' bytes one after the other. Bulk goes as bytes, never through JSON; each part is received into one
 * buffer of its final size, so a clip is held once.
 */
const LENGTH_BYTES = 4;
const MAX_HEADER_BYTES = 16 * 1024 * 1024;

/** What the framing needs of a header; what its kind promises is read by who takes the message. */
const headerSchema = z.looseObject({ sizes: z.array(z.int().nonnegative()) });

type Header = z.output<typeof headerSchema>;

export interface Message {
  readonly header: Readonly<Record<string, unknown>>;
  readonly parts: readonly Uint8Array[];
}

export function encodeMessage(header: object, parts: readonly Uint8Array[] = []): Uint8Array[] {
  const json = Buffer.from(JSON.stringify({ ...header, sizes: parts.map((part) => part.byteLength) }));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(json.byteLength);
  return [length, json, ...parts.filter((part) => part.byteLength > 0)];
}

/** Cuts a stream of chunks into messages. A stream that breaks the framing throws: its writer is not sane. */
export class MessageReader {
  readonly #onMessage: (message: Message) => void;
  #header: Header | null = null;
  #parts: Buffer[] = [];
  #current = 0;
  #target: Buffer = Buffer.alloc(LENGTH_BYTES);
  #filled = 0;
  #isLength = true;

  constructor(onMessage: (message: Message) => void) {
    this.#onMessage = onMessage;
  }

  push(chunk: Buffer): void {
    let offset = 0;
    while (offset < chunk.byteLength) {
      const copied = chunk.copy(this.#target, this.#filled, offset);
      offset += copied;
      this.#filled += copied;
      if (this.#filled === this.#target.byteLength) this.#advance();
    }
  }

  #advance(): void {
    if (this.#isLength) this.#expectHeader();
    else if (this.#header === null) this.#openHeader();
    else this.#current += 1;
    if (this.#header !== null) this.#expectPart(this.#header);
  }

  #expectHeader(): void {
    const length = this.#target.readUInt32LE();
    if (length < 2 || length > MAX_HEADER_BYTES)
      throw new Error(`message header of ${length} bytes on the media pipe`);
    this.#isLength = false;
    this.#await(Buffer.allocUnsafe(length));
  }

  #openHeader(): void {
    const header = parseHeader(headerSchema, JSON.parse(this.#target.toString("utf8")));
    this.#header = header;
    this.#parts = header.sizes.map((size) => Buffer.allocUnsafeSlow(size));
    this.#current = 0;
  }

  #expectPart(header: Header): void {
    while (this.#parts[this.#current]?.byteLength === 0) this.#current += 1;
    const part = this.#parts[this.#current];
    if (part !== undefined) {
      this.#await(part);
      return;
    }
    const parts = this.#parts;
    this.#header = null;
    this.#parts = [];
    this.#isLength = true;
    this.#await(Buffer.alloc(LENGTH_BYTES));
    this.#onMessage({ header, parts });
  }

  #await(target: Buffer): void {
    this.#target = target;
    this.#filled = 0;
  }
}
