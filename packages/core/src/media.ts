import type { Rejection } from "./failure.ts";
import type { Recipe } from "./recipe.ts";

/** A stretch of a clip, seconds from its start; `endS` null: to its end. */
export interface ClipSpan {
  readonly startS: number;
  readonly endS: number | null;
}

/** The recipe's part that decides frames. */
export type FrameSettings = Pick<
  Recipe,
  | "fps"
  | "maxFrames"
  | "size"
  | "fit"
  | "align"
  | "overflow"
  | "sampling"
  | "quality"
  | "minFrameShare"
  | "decoder"
  | "limits"
>;

export interface ClipInfo {
  /** Last pts + its duration - first pts, seconds. */
  readonly durationS: number;
  /** As shown (after rotation), pixels. */
  readonly width: number;
  readonly height: number;
  /** Average frames per second. */
  readonly fps: number;
  readonly codec: string;
}

export interface ClipRemark {
  readonly code: "colour_tags_ignored" | "clip_unlike_its_packets";
  readonly detail: string;
}

/** The picked frames of a clip, in time order. */
export interface ClipFrames {
  readonly kind: "frames";
  /** size x size each: JPEGs from the media pool, rgb24 (3 bytes a pixel) between a decoder and the encoder. */
  readonly frames: readonly Uint8Array[];
  /** Presentation time of each picked source frame minus the container's start, seconds. */
  readonly timesS: readonly number[];
  readonly info: ClipInfo;
  readonly wanted: number;
  /** Frames that went through the decoder. */
  readonly decoded: number;
  readonly complete: boolean;
  readonly decodeErrors: number;
  /** Worth telling, though the clip is packed: codes of kind note. */
  readonly remarks: readonly ClipRemark[];
}

export type ClipResult =
  | (ClipFrames & {
      /** Wall seconds of decoding; for metrics only. */
      readonly seconds: number;
      /** More than one when a media child was lost over the clip. */
      readonly attempts: number;
    })
  | { readonly kind: "rejected"; readonly rejection: Rejection; readonly attempts: number };

export type ImageResult =
  | {
      readonly kind: "image";
      readonly jpeg: Uint8Array;
      readonly width: number;
      readonly height: number;
      readonly attempts: number;
    }
  | { readonly kind: "rejected"; readonly rejection: Rejection; readonly attempts: number };

/** The frames of each stretch of one clip, times and length counted from the stretch's start; all decoded in one go. */
export type SpansResult =
  | {
      readonly kind: "spans";
      /** In the order of the spans that were asked for. */
      readonly clips: readonly SpanResult[];
      readonly seconds: number;
      readonly attempts: number;
    }
  | { readonly kind: "rejected"; readonly rejection: Rejection; readonly attempts: number };

export type SpanResult = ClipFrames | { readonly kind: "rejected"; readonly rejection: Rejection };

/** An accident with a media child that was healed: shows in log and metrics, changes no byte. */
export interface MediaIncident {
  readonly clip: string;
  readonly code: "decoder_crash" | "decode_timeout" | "decode_oom";
  readonly attempt: number;
  readonly detail: string;
}

/** A bounded pool of media children. Calls beyond the bound wait for their turn. */
export interface MediaPool {
  readonly size: number;
  frames(
    clip: { name: string; bytes: Uint8Array },
    settings: FrameSettings,
    signal: AbortSignal,
  ): Promise<ClipResult>;
  /** Several stretches of one clip. */
  spans(
    clip: { name: string; bytes: Uint8Array },
    asked: { readonly settings: FrameSettings; readonly spans: readonly ClipSpan[] },
    signal: AbortSignal,
  ): Promise<SpansResult>;
  image(
    image: { name: string; bytes: Uint8Array },
    settings: FrameSettings,
    signal: AbortSignal,
  ): Promise<ImageResult>;
  close(): Promise<void>;
}
