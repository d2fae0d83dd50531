import { containers, maxStreams } from "../containers.ts";
import type { FrameSieve } from "./frame-sieve.ts";
import { runFfmpeg } from "./run-ffmpeg.ts";

/** A clip where ffmpeg can read it, and who asks. */
export interface ClipFile {
  readonly ffmpegPath: string;
  readonly path: string;
  /** FFmpeg's reader, where its own probing would take another; else null. */
  readonly reader: string | null;
  readonly signal: AbortSignal;
}

/** One run of ffmpeg over the clip: what it wrote (unless a sieve takes it), and the lines it logged. */
export async function runOnClip(
  file: ClipFile,
  level: string,
  outputOptions: readonly string[],
  more: { readonly inputOptions?: readonly string[]; readonly sieve?: FrameSieve } = {},
): Promise<{ readonly output: Buffer; readonly log: readonly string[] }> {
  const log: string[] = [];
  const { output } = await runFfmpeg({
    ffmpegPath: file.ffmpegPath,
    inputPath: file.path,
    inputOptions: [
      // Neither progress nor "repeated n times" in between: every line of a frame counts.
      ...["-nostats", "-loglevel", `repeat+${level}`, ...(more.inputOptions ?? []), "-threads", "1"],
      ...(file.reader === null ? [] : ["-f", file.reader]),
      ...["-format_whitelist", containers, "-max_streams", String(maxStreams)],
    ],
    outputOptions,
    signal: file.signal,
    onLogLine: (line: string) => void log.push(line),
    ...(more.sieve === undefined ? {} : { sieve: more.sieve }),
  });
  return { output, log };
}
