import { isMediaContent } from "../members/sniff-media.ts";

/**
 * The images of a row's column: a list of images or one, each `{bytes, path}`, plain bytes, or base64 text with or without
 * `data:image/png;base64,` in front. Null stands for an image without bytes. One line where the column holds text that is
 * no picture. A path is never followed: it names the authors' disk.
 */
export function rowImages(value: unknown): (Uint8Array | null)[] | string {
  if (value === null || value === undefined) return [];
  const images: (Uint8Array | null)[] = [];
  for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
    const image = imageOf(item);
    if (typeof image === "string") return image;
    images.push(image);
  }
  return images;
}

function imageOf(value: unknown): Uint8Array | null | string {
  const bytes = typeof value === "object" && value !== null && "bytes" in value ? value.bytes : value;
  if (bytes instanceof Uint8Array) return bytes.length > 0 ? ofBytes(bytes) : null;
  return typeof bytes === "string" && bytes.trim() !== "" ? ofText(bytes.trim()) : null;
}

/** Bytes that are base64 text, as a column of text that nobody marked as such gives them, or the picture itself. */
function ofBytes(bytes: Uint8Array): Uint8Array {
  const isText =
    !isMediaContent(bytes, "picture") && /^[\w+/=;:,-]{16,}$/.test(latin1(bytes.subarray(0, 64)));
  const unpacked = isText ? ofText(latin1(bytes)) : bytes;
  return typeof unpacked === "string" ? detached(bytes) : detached(unpacked);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1").trim();
}

/** A short text is an address or a path, whatever it would decode to. */
function ofText(text: string): Uint8Array | string {
  const base64 = text.replace(/^data:[^,]{0,100};base64,/i, "");
  const bytes = /^[\w+/=\s-]+$/.test(base64.slice(0, 4096)) ? Buffer.from(base64, "base64") : Buffer.alloc(0);
  if (isMediaContent(bytes, "picture")) return bytes;
  return `the image is text that is no picture in base64: ${text.slice(0, 60)}`;
}

/** An image is a view on its page: a small one must not keep a large page in memory. */
function detached(bytes: Uint8Array): Uint8Array {
  return bytes.length * 2 < bytes.buffer.byteLength ? bytes.slice() : bytes;
}
