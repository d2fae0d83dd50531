import type { ImageFormat } from "./sniff-image.ts";

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Size in pixels of a JPEG or PNG that says nothing of an orientation, from its header alone; null for every other
 * picture, which is a question for libvips. Asking it costs a second opening, a twentieth of a small picture's work.
 * JPEG: ITU T.81, B.1.1.3 and B.2.2; PNG: ISO/IEC 15948, 11.2.2.
 */
export function plainSize(format: ImageFormat, bytes: Uint8Array): PictureSize | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = format === "jpeg" ? jpegSize(buffer) : format === "png" ? pngSize(buffer) : null;
  return size === null || size.width === 0 || size.height === 0 ? null : size;
}

/** Segments are passed over up to the frame header; an Exif segment before it may turn the picture. */
function jpegSize(bytes: Buffer): PictureSize | null {
  for (let at = 2; at + 9 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    // Any number of fill bytes may stand before a marker.
    if (marker === 0xff) at += 1;
    else if (isFrameHeader(marker))
      return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    else if (!hasLength(marker) || (marker === 0xe1 && bytes.toString("latin1", at + 4, at + 8) === "Exif"))
      return null;
    else at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}

/** SOF0 to SOF15 but for DHT, JPG and DAC, which lie between them. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/** Before the frame header only tables and application data are to be expected. */
function hasLength(marker: number): boolean {
  return marker === 0xc4 || marker === 0xcc || marker === 0xdb || marker === 0xdd || marker >= 0xe0;
}

/** Exif may be anywhere among the chunks, also as text that old writers left. */
function pngSize(bytes: Buffer): PictureSize | null {
  if (bytes.length < 33 || bytes.toString("latin1", 12, 16) !== "IHDR") return null;
  if (bytes.includes("eXIf") || bytes.includes("Raw profile type")) return null;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}
