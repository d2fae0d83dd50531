type Inside = {
  "libav/load-libav.js": typeof import("../../packages/media/src/libav/load-libav.ts");
  "libav/decode-with-libav.js": typeof import("../../packages/media/src/libav/decode-with-libav.ts");
  "libav/frame-decoder.js": typeof import("../../packages/media/src/libav/frame-decoder.ts");
  "libav/frame-scaler.js": typeof import("../../packages/media/src/libav/frame-scaler.ts");
  "encode/encode-jpeg.js": typeof import("../../packages/media/src/encode/encode-jpeg.ts");
  "encode/allow-image-formats.js": typeof import("../../packages/media/src/encode/allow-image-formats.ts");
};

/** A file of the media room that only its children use. */
export async function mediaInside<File extends keyof Inside>(file: File): Promise<Inside[File]> {
  return await import(new URL(`../../packages/media/dist/${file}`, import.meta.url).href);
}
