import { type Rejection, reject } from "@shardmill/core";
import { sniffImage } from "../encode/sniff-image.ts";
import { boxesIn, isMov } from "./boxes.ts";

/**
 * What a file is that no decoder opens, or in which none finds a picture, in words that tell its owner what went wrong.
 * Null where its bytes do not say.
 */
export function nameContent(content: Uint8Array): Rejection | null {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (bytes.length === 0) return reject("decode_error", "the file is empty");
  const image = sniffImage(bytes);
  if (image !== null) return reject("decode_error", `a picture (${image}), not a video`);
  if (isMov(bytes)) return nameMov(bytes);
  const named = signatures.find(([signature, at]) => bytes.indexOf(signature, at, "latin1") === at);
  if (named !== undefined) return reject(named[3] ?? "decode_error", `${named[2]}, not a video`);
  return nameText(bytes);
}

type Signature = readonly [bytes: string, at: number, name: string, code?: Rejection["code"]];

const signatures: readonly Signature[] = [
  ["\x1f\x8b", 0, "a gzip file"],
  ["PK\x03\x04", 0, "a zip archive"],
  ["PK\x05\x06", 0, "an empty zip archive"],
  ["7z\xbc\xaf\x27\x1c", 0, "a 7z archive"],
  ["Rar!\x1a\x07", 0, "a rar archive"],
  ["BZh", 0, "a bzip2 file"],
  ["\xfd7zXZ\x00", 0, "an xz file"],
  ["\x28\xb5\x2f\xfd", 0, "a zstd file"],
  ["ustar", 257, "a tar archive"],
  ["%PDF-", 0, "a PDF"],
  ["BM", 0, "a picture (bmp)"],
  ["II*\x00", 0, "a picture (tiff)"],
  ["MM\x00*", 0, "a picture (tiff)"],
  ["ID3", 0, "sound (mp3)", "no_video_stream"],
  ["fLaC", 0, "sound (flac)", "no_video_stream"],
  ["\xff\xfb", 0, "sound (mp3)", "no_video_stream"],
  ["\xff\xf1", 0, "sound (aac)", "no_video_stream"],
  ["WAVE", 8, "sound (wav)", "no_video_stream"],
];

function nameMov(bytes: Buffer): Rejection | null {
  const boxes = [...boxesIn(bytes, 0, bytes.length)];
  const brand = boxes[0]?.type === "ftyp" ? bytes.toString("latin1", 8, 12) : "";
  if (/^(heic|heix|mif1|msf1|avif)$/.test(brand))
    return reject("decode_error", `a picture (${brand}), not a video`);
  const index = boxes.find(({ type }) => type === "moov");
  if (index === undefined) return reject("decode_error", "the mp4 has no index (moov)");
  return index.to > bytes.length ? reject("decode_error", "the mp4's index (moov) is cut off") : null;
}

/** Enough of a text to know it by. */
const headBytes = 4096;

function nameText(bytes: Buffer): Rejection | null {
  const head = bytes
    .toString("utf8", 0, headBytes)
    .replace(/^\ufeff/, "")
    .trimStart();
  if (head.startsWith("version https://git-lfs.github.com/spec/"))
    return reject("decode_error", "a Git LFS pointer, not the video that it stands for");
  if (/^<(!doctype html|html|head|body|!--)/i.test(head))
    return reject("decode_error", "an HTML page, not a video");
  if (
    /^(#EXTM3U|ffconcat version|\[playlist\]|v=0\r?\n|<mpd|<smil|<asx)/i.test(head) ||
    /^<\?xml[^>]*>\s*<mpd/i.test(head)
  )
    return reject("decode_error", "a playlist, not a video");
  if (head.startsWith("<?xml") || /^<\w+[\s>/]/.test(head))
    return reject("decode_error", "an XML document, not a video");
  if (/^[[{]/.test(head) && isText(bytes)) return reject("decode_error", "a JSON document, not a video");
  return isText(bytes) ? reject("decode_error", "a text, not a video") : null;
}

/** No control bytes but those of lines, and no broken UTF-8 (but for a character that the cut went through). */
function isText(bytes: Buffer): boolean {
  const head = bytes.subarray(0, headBytes);
  if (head.some((byte) => byte < 32 && byte !== 9 && byte !== 10 && byte !== 13)) return false;
  return !head.toString("utf8").slice(0, -4).includes("\ufffd");
}
