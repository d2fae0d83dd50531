import type { FrameSettings } from "@shardmill/core";

/** What a pool asks of its child. Written by this package and read by this package: one version on both ends. */
export type ChildRequest =
  | { readonly kind: "load"; readonly decoder: "libav" | "process"; readonly ffmpegPath: string | null }
  | {
      readonly kind: "frames";
      readonly name: string;
      readonly settings: FrameSettings;
      readonly ffmpegPath: string | null;
    }
  | { readonly kind: "image"; readonly name: string; readonly settings: FrameSettings };
