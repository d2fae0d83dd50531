import type { ClipFrames, FrameSettings, Rejection } from "@shardmill/core";

/**
 * What a decoder hands to the encoder: the picked frames as pixels. The seam between the two backends and
 * everything else in this room.
 */
export type RawClip = ClipFrames | { readonly kind: "rejected"; readonly rejection: Rejection };

export interface DecodeOptions {
  /** May be called once the clip's duration is known, so that its time limit can follow. */
  readonly onProbe?: (durationS: number) => void;
}

/** A backend. */
export type DecodeClip = (
  clip: { readonly name: string; readonly bytes: Uint8Array },
  settings: FrameSettings,
  signal: AbortSignal,
  options?: DecodeOptions,
) => Promise<RawClip>;
