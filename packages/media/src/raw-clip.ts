import type { ClipFrames, ClipSpan, FrameSettings, Rejection } from "@shardmill/core";

/** What of a clip is wanted: all of it, or some stretches. */
export type DecodeSettings = FrameSettings & { readonly spans?: readonly ClipSpan[] | undefined };

/**
 * What a decoder hands to the encoder: the picked frames as pixels. The seam between the two backends and
 * everything else in this room.
 */
export type RawClip =
  | (ClipFrames & { readonly spans?: SpansOf | undefined })
  | { readonly kind: "rejected"; readonly rejection: Rejection };

/** Where stretches were asked for: which of them each frame is of, and how each has fared. */
interface SpansOf {
  readonly of: readonly number[];
  readonly expected: readonly number[];
  readonly damaged: ReadonlySet<number>;
}

export interface DecodeOptions {
  /** May be called once the clip's duration is known, so that its time limit can follow. */
  readonly onProbe?: (durationS: number) => void;
}

/** A backend. */
export type DecodeClip = (
  clip: { readonly name: string; readonly bytes: Uint8Array },
  settings: DecodeSettings,
  signal: AbortSignal,
  options?: DecodeOptions,
) => Promise<RawClip>;
