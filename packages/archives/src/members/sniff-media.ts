import { basename } from "@shardmill/core";

export type MediaKind = "video" | "image";

/** Enough of a file's beginning to tell what it is. */
const sniffBytes = 4096;

const videoNames = /\.(mp4|m4v|mov|webm|mkv|avi|mpe?g|ts|m2ts|mts|flv|wmv|3gp|ogv)$/i;
const imageNames = /\.(jpe?g|png|webp|gif|bmp|tiff?|avif|heic)$/i;

/** Files that only name others, by path or URL: opened by a demuxer, they could make it read anything. Never media. */
const pointers = [
  /^#EXTM3U/,
  /^ffconcat version/,
  /^v=0\r?\n/,
  /^\[playlist\]/i,
  /^<\?xml/i,
  /^<(svg|smil|asx|MPD|!doctype|html)/i,
  /^(file|https?|concat|rtsp|rtmp):/i,
];

/**
 * What a member is, by its first bytes and its name: both have to agree that it is media at all. A name alone proves
 * nothing, and bytes alone let through what was never meant to be media.
 */
export function sniffMedia(bytes: Uint8Array, name: string): MediaKind | null {
  const file = basename(name);
  if (isAppleDouble(file)) return null;
  const named = videoNames.test(file) ? "video" : imageNames.test(file) ? "image" : null;
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, sniffBytes));
  if (named === null || isPointer(head)) return null;
  return kindOf(head);
}

/**
 * Whether bytes without a name that could be trusted, such as a link's answer, are of the media that is wanted. A GIF may
 * be either.
 */
export function isMediaContent(bytes: Uint8Array, wanted: MediaKind): boolean {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, sniffBytes));
  if (isPointer(head)) return false;
  return kindOf(head) === wanted || head.toString("latin1", 0, 4) === "GIF8";
}

/** macOS writes `._name` beside a file, holding attributes; it is not the file. */
export function isAppleDouble(name: string): boolean {
  return basename(name).startsWith("._");
}

function isPointer(head: Buffer): boolean {
  const text = head
    .toString("latin1")
    .replace(/^\u00ef\u00bb\u00bf/, "")
    .trimStart();
  return pointers.some((pointer) => pointer.test(text));
}

function kindOf(head: Buffer): MediaKind | null {
  const starts = (text: string, at = 0): boolean => head.toString("latin1", at, at + text.length) === text;
  if (starts("\u00ff\u00d8\u00ff") || starts("\u0089PNG\r\n\u001a\n")) return "image";
  if (starts("GIF87a") || starts("GIF89a") || starts("BM") || starts("II*\0") || starts("MM\0*"))
    return "image";
  if (starts("RIFF")) return starts("WEBP", 8) ? "image" : starts("AVI ", 8) ? "video" : null;
  if (isBox(head))
    return /^(avif|avis|heic|heix|mif1)$/.test(head.toString("latin1", 8, 12)) ? "image" : "video";
  if (starts("\u001a\u0045\u00df\u00a3") || starts("FLV\u0001") || starts("OggS")) return "video";
  if (starts("\u0030\u0026\u00b2\u0075\u008e\u0066\u00cf\u0011")) return "video";
  if (starts("\0\0\u0001\u00ba") || starts("\0\0\u0001\u00b3")) return "video";
  const isTransport = (at: number): boolean => [0, 188, 376].every((packet) => head[at + packet] === 0x47);
  const isBlurayTransport = [4, 196, 388].every((at) => head[at] === 0x47);
  return isTransport(0) || isBlurayTransport ? "video" : null;
}

/** MP4 and QuickTime begin with a box of one of these types. */
function isBox(head: Buffer): boolean {
  return /^(ftyp|moov|mdat|free|skip|wide|pnot|styp|sidx)$/.test(head.toString("latin1", 4, 8));
}
