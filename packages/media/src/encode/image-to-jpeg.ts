import { type FrameSettings, type Rejection, reject } from "@shardmill/core";
import type sharp from "sharp";
import type { Sharp } from "sharp";
import { plainSize } from "./plain-size.ts";
import { type ImageFormat, sniffImage } from "./sniff-image.ts";

export type JpegImage =
  | {
      readonly kind: "image";
      readonly jpeg: Uint8Array;
      /** Of the source as it is shown (after EXIF rotation), pixels. */
      readonly width: number;
      readonly height: number;
    }
  | { readonly kind: "rejected"; readonly rejection: Rejection };

type ImageSettings = Pick<FrameSettings, "size" | "fit" | "quality" | "limits">;

/** Transparent pixels become white, as a browser and the usual training loaders show them. */
const BACKGROUND = "#ffffff";
/** Below this libvips' warnings are let through: stray bytes after the end are common on the web, and harmless. */
const FAIL_ON = "error";

/** Any JPEG, PNG, WebP or GIF (first frame) -> a size x size sRGB JPEG without metadata. */
export async function imageToJpeg(bytes: Uint8Array, settings: ImageSettings): Promise<JpegImage> {
  if (bytes.byteLength === 0) return rejected("empty_member", "the image has zero bytes");
  if (bytes.byteLength > settings.limits.maxBytes)
    return rejected("too_large", `${bytes.byteLength} bytes; limits.maxBytes is ${settings.limits.maxBytes}`);
  const format = sniffImage(bytes);
  if (format === null)
    return rejected("not_media", "expected a JPEG, PNG, WebP or GIF; the first bytes are of none of them");
  // A command that only offers to look at pictures does not load libvips.
  const { default: libvips } = await import("sharp");
  try {
    return await convert(libvips, format, bytes, settings);
  } catch (error) {
    return rejected("image_undecodable", `${format}: ${error instanceof Error ? error.message : "unknown"}`);
  }
}

async function convert(
  libvips: typeof sharp,
  format: ImageFormat,
  bytes: Uint8Array,
  settings: ImageSettings,
): Promise<JpegImage> {
  // The size is read from the header without a limit, so that "too large" is a comparison and not a message to parse.
  const { width, height } =
    plainSize(format, bytes) ?? (await libvips(bytes, { limitInputPixels: false }).metadata()).autoOrient;
  const { maxPixels } = settings.limits;
  if (width * height > maxPixels)
    return rejected("too_large", `${width}x${height} pixels; limits.maxPixels is ${maxPixels}`);
  const source = libvips(bytes, { limitInputPixels: maxPixels, failOn: FAIL_ON, sequentialRead: true });
  const jpeg = await fitted(source.autoOrient(), settings)
    .toColourspace("srgb")
    .jpeg({ quality: settings.quality, chromaSubsampling: "4:2:0" })
    .toBuffer();
  return { kind: "image", jpeg, width, height };
}

function fitted(source: Sharp, { size, fit }: ImageSettings): Sharp {
  const opaque = source.flatten({ background: BACKGROUND });
  switch (fit) {
    case "cover":
      return opaque.resize(size, size, { fit: "cover", position: "centre" });
    case "contain":
      return opaque.resize(size, size, { fit: "contain", background: "#000000" });
    case "stretch":
      return opaque.resize(size, size, { fit: "fill" });
    default:
      return fit satisfies never;
  }
}

function rejected(code: Rejection["code"], detail: string): JpegImage {
  return { kind: "rejected", rejection: reject(code, detail) };
}
