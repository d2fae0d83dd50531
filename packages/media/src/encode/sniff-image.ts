export type ImageFormat = "jpeg" | "png" | "webp" | "gif";

/**
 * The format by its first bytes, or null. Only these four reach libvips: SVG, PDF, TIFF and the rest bring
 * loaders that open other files, run long, or are rarely patched.
 */
export function sniffImage(bytes: Uint8Array): ImageFormat | null {
  if (starts(bytes, 0, [0xff, 0xd8, 0xff])) return "jpeg";
  if (starts(bytes, 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return "png";
  if (starts(bytes, 0, ascii("GIF87a")) || starts(bytes, 0, ascii("GIF89a"))) return "gif";
  if (starts(bytes, 0, ascii("RIFF")) && starts(bytes, 8, ascii("WEBP"))) return "webp";
  return null;
}

function starts(bytes: Uint8Array, offset: number, expected: readonly number[]): boolean {
  return expected.every((byte, index) => bytes[offset + index] === byte);
}

function ascii(text: string): number[] {
  return [...Buffer.from(text, "latin1")];
}
