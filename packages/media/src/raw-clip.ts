import type { ClipInfo, ClipRemark, FrameSettings, Rejection } from "@shardmill/core";

/**
 * What a decoder hands to the encoder: the picked frames as pixels. The seam between the two backends and
 * everything else in this room.
 */
export type RawClip =
  | {
      readonly kind: "frames";
      /** rgb24, size x size x 3 bytes each, in time order. */
      readonly frames: readonly Uint8Array[];
      /** Presentation time of each picked source frame minus the container's start, seconds. */
      readonly timesS: readonly number[];
      readonly info: ClipInfo;
      readonly wanted: number;
      /** Frames that went through the decoder. */
      readonly decoded: number;
      readonly complete: boolean;
      readonly decodeErrors: number;
      readonly remarks: readonly ClipRemark[];
    }
  | { readonly kind: "rejected"; readonly rejection: Rejection };

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
