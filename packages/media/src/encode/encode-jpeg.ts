import sharp from "sharp";

/**
 * rgb24 pixels -> JPEG: 4:2:0, no metadata, Huffman tables of the standard, so the same pixels give the same
 * bytes within one libvips. Scaling and cropping have happened before, by swscale for both decoders.
 */
export async function encodeJpeg(
  pixels: Uint8Array,
  picture: { readonly width: number; readonly height: number; readonly quality: number },
): Promise<Uint8Array> {
  const { width, height, quality } = picture;
  return await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality, chromaSubsampling: "4:2:0" })
    .toBuffer();
}
