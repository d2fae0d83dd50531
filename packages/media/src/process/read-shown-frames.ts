import { FrameClock } from "../sampling/frame-clock.ts";
import type { ShownFrame } from "../sampling/shown-frames.ts";

/** A frame that went past ffmpeg's `showinfo` filter. */
export interface LoggedFrame {
  /** Its number in its filter graph: ffmpeg begins anew where the picture's size or format changes. */
  readonly n: number;
  /** Ticks from the clip's start; null where not even the decoder knows. */
  readonly pts: number | null;
  readonly durationTicks: number;
  readonly key: boolean;
  /** As shown, after rotation. */
  readonly width: number;
  readonly height: number;
}

/** (The filter's name before it may be missing where another of ffmpeg's threads is in the middle of a line.) */
const LINE = /\bn:\s*(\d+) pts:\s*(-?\d+|NOPTS) .*?(?:duration:\s*(-?\d+) .*?)? s:(\d+)x(\d+) .*?iskey:(\d)/;

export function readLoggedFrames(log: readonly string[]): LoggedFrame[] {
  const frames: LoggedFrame[] = [];
  for (const line of log) {
    const match = LINE.exec(line);
    if (match === null) continue;
    const [, n, pts, duration, width, height, key] = match;
    frames.push({
      n: Number(n),
      pts: pts === "NOPTS" ? null : Number(pts),
      durationTicks: Math.max(0, Number(duration ?? 0)),
      key: key === "1",
      width: Number(width),
      height: Number(height),
    });
  }
  return frames;
}

/** What a whole decode has shown, in the decoder's order. */
export function shownByDecoder(frames: readonly LoggedFrame[]): ShownFrame[] {
  const clock = new FrameClock({ codecFrameTicks: 0, hasTimestamps: true });
  return frames.map(({ pts, durationTicks, key }, index) => ({
    ...clock.next(pts, durationTicks),
    key,
    index,
  }));
}

/** Which of the frames that the decoder gave, by their order, it called corrupt; of a run with `-debug_ts`. */
export function corruptFrames(log: readonly string[]): Set<number> {
  const corrupt = new Set<number>();
  let order = 0;
  for (const line of log) {
    if (isCorrupt(line)) corrupt.add(order);
    if (line.includes("decoder -> ")) order += 1;
  }
  return corrupt;
}

/** The decoder's thread says so before it hands the frame on. */
export function isCorrupt(line: string): boolean {
  return line.includes("corrupt decoded frame");
}

/**
 * Decoder errors from `Input stream #0:0 (video): 42 packets read (1234 bytes); 42 frames decoded; 0 decode errors`;
 * before FFmpeg 6, which does not count them, the lines logged as errors.
 */
export function decodeErrors(log: readonly string[]): number {
  const counted = log.map((line) => /(\d+) frames decoded; (\d+) decode errors/.exec(line)).find(Boolean);
  // A decoder that could not even be opened counts none of its own.
  return counted == null || counted[1] === "0"
    ? log.filter((line) => /\[error\]/.test(line)).length
    : Math.max(Number(counted[2]), log.filter(isCorrupt).length);
}
