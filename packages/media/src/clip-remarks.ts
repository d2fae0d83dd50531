import type { ClipRemark } from "@shardmill/core";

/**
 * What is told of a clip that is packed. `ignoredColour`: what its colour tags said that no converter understands.
 * `isRefuted`: it was decoded by a plan, and what came was something else.
 */
export function clipRemarks(ignoredColour: string | null, isRefuted: boolean): ClipRemark[] {
  return [
    ...(ignoredColour === null ? [] : [{ code: "colour_tags_ignored", detail: ignoredColour } as const]),
    ...(isRefuted
      ? [{ code: "clip_unlike_its_packets", detail: "other frames came, or in another order" } as const]
      : []),
  ];
}
