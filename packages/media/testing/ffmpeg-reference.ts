import { spawnSync } from "node:child_process";
import { testFfmpeg } from "./make-clip.ts";

export interface ReferenceFrames {
  /** Time of the source frame that ffmpeg's `fps` filter put out, from the clip's start as ffmpeg has it. */
  readonly timesS: readonly number[];
  /** For each frame, the times of all source frames with its pixels: a still picture has many. */
  readonly candidatesS: readonly (readonly number[])[];
  readonly frames: readonly Uint8Array[];
  /** Frames that ffmpeg decoded. */
  readonly decoded: number;
}

/**
 * What ffmpeg's command line makes of a clip, to compare ours with: `fps` between two `showinfo`, so that a frame
 * that is put out is known by its checksum among those that went in. One decoding thread, since Theora's decoder refuses a
 * second chain with more; rgb24 straight from the scaler, since ffmpeg converts otherwise after a change of size.
 */
export function ffmpegReference(
  path: string,
  options: { fps?: string; size?: number; frames?: number } = {},
): ReferenceFrames {
  const { fps = "fps=1", size = 224, frames = 64 } = options;
  const scale = `scale=${size}:${size}:force_original_aspect_ratio=increase:flags=bicubic+accurate_rnd+bitexact,format=rgb24`;
  const filter = `showinfo,${fps},showinfo,${scale},crop=${size}:${size}`;
  const output = [
    "-fps_mode",
    "passthrough",
    "-frames:v",
    String(frames),
    "-f",
    "rawvideo",
    "-pix_fmt",
    "rgb24",
  ];
  const { stdout, stderr } = spawnSync(
    testFfmpeg,
    ["-nostdin", "-nostats", "-hide_banner", "-threads", "1", "-i", path, "-vf", filter, ...output, "pipe:1"],
    { maxBuffer: 1 << 28 },
  );
  const seen = shownLines(stderr.toString());
  const sources = seen.filter((one) => one.isSource);
  const timeOf = new Map(sources.map((one) => [one.checksum, one.timeS]));
  const frameBytes = size * size * 3;
  const count = stdout.length / frameBytes;
  const shown = seen.filter((one) => !one.isSource).slice(0, count);
  return {
    timesS: shown.map((one) => timeOf.get(one.checksum) ?? Number.NaN),
    candidatesS: shown.map(({ checksum }) =>
      sources.filter((one) => one.checksum === checksum).map(({ timeS }) => timeS),
    ),
    frames: Array.from({ length: count }, (_, at) => stdout.subarray(at * frameBytes, (at + 1) * frameBytes)),
    decoded: seen.filter((one) => one.isSource).length,
  };
}

/**
 * `showinfo` names itself by its place in the filter chain: 0 is before `fps`, 2 after. It writes the line of a frame in
 * pieces, between which the decoder's thread may have its word: the checksum is the next one, on whatever line it stands.
 */
function shownLines(log: string): { isSource: boolean; timeS: number; checksum: string }[] {
  const line = /Parsed_showinfo_(\d)[^\n]*? pts_time:\s*(\S+) [\s\S]*?(?<!plane_)checksum:(\w+)/g;
  return [...log.matchAll(line)].map(([, place, time, checksum = ""]) => ({
    isSource: place === "0",
    timeS: Number(time),
    checksum,
  }));
}

/** Peak signal to noise ratio, decibels; infinite for equal bytes. */
export function psnr(a: Uint8Array, b: Uint8Array): number {
  let squares = 0;
  for (const [at, value] of a.entries()) squares += (value - (b[at] ?? 0)) ** 2;
  return squares === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10((255 * 255 * a.length) / squares);
}
