import { Failure } from "@shardmill/core";
import type { DecodeClip } from "../raw-clip.ts";

export interface LoadedDecoder {
  readonly version: string;
  readonly decode: DecodeClip;
}

/** The decoder that the recipe names, and no other. Each is imported when it is first asked for: libav weighs 170 MB. */
export async function loadDecoder(wanted: {
  readonly decoder: "libav" | "process";
  readonly ffmpegPath: string | null;
}): Promise<LoadedDecoder> {
  switch (wanted.decoder) {
    case "libav":
      return await loadLibavDecoder();
    case "process":
      return await loadProcessDecoder(wanted.ffmpegPath);
    default:
      return wanted.decoder satisfies never;
  }
}

async function loadLibavDecoder(): Promise<LoadedDecoder> {
  const { loadLibav } = await import("../libav/load-libav.ts");
  const { version } = await loadLibav();
  const { decodeWithLibav } = await import("../libav/decode-with-libav.ts");
  return { version, decode: decodeWithLibav };
}

async function loadProcessDecoder(ffmpegPath: string | null): Promise<LoadedDecoder> {
  if (ffmpegPath === null)
    throw new Failure("decoder_unavailable", "the process decoder was given no ffmpeg");
  const { decodeWithProcess } = await import("../process/decode-with-process.ts");
  return {
    version: ffmpegPath,
    decode: (clip, settings, signal, options) =>
      decodeWithProcess(clip, settings, signal, { ...options, ffmpegPath }),
  };
}
