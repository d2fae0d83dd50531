import type { ClipInfo } from "@shardmill/core";
import type { ClipExtent } from "./sampling/clip-extent.ts";

/** What a container says of its frame rate, and whether its clock is one at all. */
export interface StatedRate {
  /** Frames per second; 0 where it does not say. */
  readonly fps: number;
  readonly hasTimestamps: boolean;
}

/**
 * What the sample's JSON says of the clip: of the stream that was picked, at its first picked frame. A raw stream states
 * no rate, whatever its reader assumes: it is counted.
 */
export function clipInfoOf(
  codec: string,
  extent: ClipExtent,
  rate: StatedRate,
  first: { readonly width: number; readonly height: number },
): ClipInfo {
  const counted = extent.durationS > 0 ? extent.count / extent.durationS : 0;
  return {
    durationS: extent.durationS,
    width: first.width,
    height: first.height,
    fps: rate.hasTimestamps && rate.fps > 0 ? rate.fps : counted,
    codec,
  };
}
