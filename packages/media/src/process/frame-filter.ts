import type { FrameSettings } from "@shardmill/core";
import { type ColourTags, ignoredColour, plainColour } from "../sampling/plain-colour.ts";

/**
 * How pixels are made: swscale, bicubic, `accurate_rnd+bitexact`, straight to rgb24, then cut or padded as
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

/** Filters that go before all others where the converter would refuse the stream's colour tags; none elsewhere. */
export function colourFilters(tags: ColourTags): string[] {
  if (ignoredColour(tags) === null) return [];
  const { matrix, transfer } = plainColour(tags);
  const changed = [
    ...(matrix === tags.matrix ? [] : [`colorspace=${matrix}`]),
    ...(transfer === tags.transfer ? [] : [`color_trc=${transfer}`]),
  ];
  return [`setparams=${changed.join(":")}`];
}
