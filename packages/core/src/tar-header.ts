/** A tar is made of blocks of this size: https://www.gnu.org/software/tar/manual/html_node/Standard.html */
export const blockBytes = 512;

/** Zero bytes that follow data of this size up to the next block. */
export function paddingBytes(sizeBytes: number): number {
  return (blockBytes - (sizeBytes % blockBytes)) % blockBytes;
}

const zeros = Buffer.alloc(64 * 1024);

/** How many bytes of whole zero blocks there are from the beginning. Padding may be much longer than what it pads. */
export function zeroBlockBytes(bytes: Uint8Array): number {
  let at = 0;
  for (let step = zeros.length; step >= blockBytes; step = step > blockBytes ? blockBytes : 0)
    while (at + step <= bytes.length && zeros.compare(bytes, at, at + step, 0, step) === 0) at += step;
  return at;
}

/** One header block as it stands, before extension headers and judgement. */
export interface TarHeader {
  readonly rawName: Buffer;
  /** As the header states it. */
  readonly sizeBytes: number;
  /** `\0` is told as `0`. */
  readonly type: string;
  /** Old GNU sparse maps go on in further blocks. */
  readonly isExtendedSparse: boolean;
}

export type TarHeaderResult =
  | { readonly kind: "header"; readonly header: TarHeader }
  | { readonly kind: "zero" }
  | { readonly kind: "malformed"; readonly detail: string };

/** Reads a header block: v7, ustar, GNU and pax all share this shape. */
export function parseTarHeader(bytes: Uint8Array): TarHeaderResult {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, blockBytes);
  if (block.every((byte) => byte === 0)) return { kind: "zero" };
  const checksum = tarNumber(block.subarray(148, 156));
  if (checksum === null || !sums(block).includes(checksum))
    return malformed("the header's checksum is wrong");
  const sizeBytes = tarNumber(block.subarray(124, 136));
  if (sizeBytes === null) return malformed("the header's size is no number");
  const type = block[156] === 0 ? "0" : String.fromCharCode(block[156] ?? 0);
  const header = {
    rawName: nameOf(block),
    sizeBytes,
    type,
    isExtendedSparse: type === "S" && block[482] === 1,
  };
  return { kind: "header", header };
}

/** POSIX keeps the front of a long name in a second field; GNU keeps other things there. */
function nameOf(block: Buffer): Buffer {
  const name = textOf(block.subarray(0, 100));
  const isPosix = block.toString("latin1", 257, 263) === "ustar\0";
  const prefix = isPosix ? textOf(block.subarray(345, 500)) : Buffer.alloc(0);
  return prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from("/"), name]);
}

function textOf(field: Buffer): Buffer {
  const end = field.indexOf(0);
  return end < 0 ? field : field.subarray(0, end);
}

/** Octal digits, or GNU's base 256 for large ones; null for anything else and for what is negative or not exact. */
function tarNumber(field: Buffer): number | null {
  if (field[0] === 0x80) {
    let value = 0;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    return Number.isSafeInteger(value) ? value : null;
  }
  const text = field
    .toString("latin1")
    .replace(/[\0 ]+$/, "")
    .trimStart();
  if (text === "") return 0;
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : null;
}

/** Some old writers summed signed bytes. */
function sums(block: Buffer): number[] {
  let unsigned = 8 * 32;
  let signed = 8 * 32;
  for (let at = 0; at < blockBytes; at++) {
    if (at >= 148 && at < 156) continue;
    unsigned += block[at] ?? 0;
    signed += block.readInt8(at);
  }
  return [unsigned, signed];
}

function malformed(detail: string): TarHeaderResult {
  return { kind: "malformed", detail };
}
