import type { FrameSettings } from "@shardmill/core";

/**
 * The pixels of decisions.md 8: swscale, bicubic, `accurate_rnd+bitexact`, straight to rgb24, then cut or padded as
 * rgb24, so that both backends and all FFmpeg versions give the same bytes. Rotation comes first by itself.
 */
export function frameFilter({ size, fit }: Pick<FrameSettings, "size" | "fit">): string {
  const flags = "flags=bicubic+accurate_rnd+bitexact";
  const aspect = "force_original_aspect_ratio";
  switch (fit) {
    case "cover":
      return `scale=${size}:${size}:${aspect}=increase:${flags},format=rgb24,crop=${size}:${size}`;
    case "contain":
      return `scale=${size}:${size}:${aspect}=decrease:${flags},format=rgb24,pad=${size}:${size}:(ow-iw)/2:(oh-ih)/2`;
    case "stretch":
      return `scale=${size}:${size}:${flags},format=rgb24`;
    default:
      return fit satisfies never;
  }
}
