import { blockBytes, parseTarHeader } from "@shardmill/core";

/** Enough of a file's beginning to tell which archive it is. */
export const archiveHeadBytes = blockBytes;

export type ArchiveContent = "tar" | "gzip" | "other";

/** Which reader a stream of members needs, by its first bytes: a name may lie about compression, these do not. */
export function sniffTar(head: Uint8Array): ArchiveContent {
  if (isGzip(head)) return "gzip";
  return isTarBlock(head) ? "tar" : "other";
}

/** A member of gzip data (RFC 1952) with deflate, the only method there is. */
export function isGzip(head: Uint8Array): boolean {
  return head.length >= 3 && head[0] === 0x1f && head[1] === 0x8b && head[2] === 8;
}

/** A header block, or the zeros of an end marker. */
function isTarBlock(head: Uint8Array): boolean {
  if (head.length < blockBytes) return false;
  return parseTarHeader(head).kind !== "malformed";
}

/** Magic numbers at the beginning, and what a person calls such a file. */
const magics: readonly (readonly [string, string])[] = [
  ["PK\u0003\u0004", "a zip archive"],
  ["PK\u0005\u0006", "an empty zip archive"],
  ["PK\u0007\u0008", "a zip archive in several volumes"],
  ["\u001f\u008b", "gzip data"],
  ["\u0028\u00b5\u002f\u00fd", "zstd data"],
  ["BZh", "bzip2 data"],
  ["\u00fd7zXZ\u0000", "xz data"],
  ["\u0004\u0022\u004d\u0018", "lz4 data"],
  ["7z\u00bc\u00af\u0027\u001c", "a 7z archive"],
  ["Rar!\u001a\u0007", "a RAR archive"],
  ["PAR1", "a parquet file"],
  ["PARE", "an encrypted parquet file"],
  ["ARROW1", "an Arrow file"],
  ["\u0089HDF\r\n", "an HDF5 file"],
];

const texts: readonly (readonly [RegExp, string])[] = [
  [
    /^version https:\/\/git-lfs\.github\.com\/spec/,
    "a Git LFS pointer: the file itself was not downloaded (git lfs pull)",
  ],
  [/^\s*<(!doctype html|html|head|body)/i, "an HTML page"],
  [/^\s*<\?xml/i, "an XML document"],
  [/^\s*[[{]\s*(["{[\]}]|$)/, "JSON"],
];

/** What a file is by its first bytes, as words for a message; null where nobody knows. */
export function contentName(head: Uint8Array): string | null {
  if (head.length === 0) return "an empty file";
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 256))
    .toString("latin1")
    .replace(/^\u00ef\u00bb\u00bf/, "");
  const found = magics.find(([magic]) => text.startsWith(magic)) ?? texts.find(([shape]) => shape.test(text));
  if (found !== undefined) return found[1];
  const isTar = head.length >= blockBytes && head.some((byte) => byte !== 0) && isTarBlock(head);
  return isTar ? "a tar archive" : null;
}

/** `NAME is no zip archive but an HTML page`, or how it begins. */
export function notThisArchive(name: string, expected: string, head: Uint8Array): string {
  const found = contentName(head);
  return found === null
    ? `${name} is no ${expected}: it begins with ${firstBytes(head)}`
    : `${name} is no ${expected} but ${found}`;
}

const shownBytes = 16;

/** The first bytes in hex, and as text where that can be read. */
export function firstBytes(bytes: Uint8Array): string {
  const shown = Buffer.from(bytes.subarray(0, shownBytes));
  const hex = shown.toString("hex").replace(/..(?=.)/g, "$& ");
  const text = shown.toString("latin1").replace(/[^ -~]/g, ".");
  return /[!-~]{3}/.test(text) ? `${hex} (${text})` : hex;
}
