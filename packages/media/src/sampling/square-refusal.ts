import { type FrameSettings, type Rejection, reject } from "@shardmill/core";

/** A picture that is scaled to cover the square is held whole before it is cut: at most so many pixels of it. */
const scaledPixelsLimit = 32 * 1024 * 1024;

/** `too_large` for a picture so long and thin that, scaled to cover the square, it is larger than any memory limit. */
export function squareRefusal(
  { width, height }: { readonly width: number; readonly height: number },
  { size, fit }: Pick<FrameSettings, "size" | "fit">,
): Rejection | null {
  if (fit !== "cover" || width <= 0 || height <= 0) return null;
  const scale = size / Math.min(width, height);
  const wide = Math.round(width * scale);
  const high = Math.round(height * scale);
  if (wide * high <= scaledPixelsLimit) return null;
  return reject("too_large", `${width}x${height} would be ${wide}x${high} when it covers ${size}x${size}`);
}
