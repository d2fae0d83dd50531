import { checksum } from "../write/ustar-header.ts";

/** What a tar header says, whoever wrote it. */
export interface TarHeader {
  readonly name: string;
  readonly sizeBytes: number;
  readonly isFile: boolean;
  /** How it differs from what Shardmill writes (docs/formats.md); null when it does not. */
  readonly oddity: string | null;
}

/** Null when these 512 bytes are no tar header. */
export function parseHeader(header: Uint8Array): TarHeader | null {
  const text = Buffer.from(header.buffer, header.byteOffset, header.length);
  const field = (start: number, end: number): string => text.toString("latin1", start, end);
  if (Number.parseInt(field(148, 156).replaceAll("\0", " "), 8) !== checksum(header)) return null;
  const size = field(124, 136);
  const sizeBytes = Number.parseInt(size.replaceAll("\0", " "), 8);
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) return null;
  const type = field(156, 157);
  const prefix = field(345, 500).replace(/\0.*$/s, "");
  const base = field(0, 100).replace(/\0.*$/s, "");
  const oddities = [
    field(257, 265) === "ustar\x0000" ? null : "not ustar",
    type === "0" ? null : `of type ${JSON.stringify(type)}, not a file`,
    prefix === "" ? null : "with a name prefix",
    /^[0-7]{11}\0$/.test(size) ? null : "with an unusual size field",
  ];
  return {
    name: prefix !== "" && field(257, 262) === "ustar" ? `${prefix}/${base}` : base,
    sizeBytes,
    isFile: type === "0" || type === "\0",
    oddity: oddities.find((oddity) => oddity !== null) ?? null,
  };
}
