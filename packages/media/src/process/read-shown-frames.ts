import type { ShownFrame } from "../sampling/shown-frames.ts";

/** A frame that went past ffmpeg's `showinfo` filter. */
export interface LoggedFrame {
  /** Raw timestamp, ticks; null where not even the decoder knows. */
  readonly pts: number | null;
  readonly durationTicks: number;
  readonly key: boolean;
  /** As shown, after rotation. */
  readonly width: number;
  readonly height: number;
}

const LINE =
  /\[Parsed_showinfo.*\] n:\s*\d+ pts:\s*(-?\d+|NOPTS) .*?(?:duration:\s*(-?\d+) .*?)? s:(\d+)x(\d+) .*?iskey:(\d)/;

export function readLoggedFrames(log: readonly string[]): LoggedFrame[] {
  const frames: LoggedFrame[] = [];
  for (const line of log) {
    const match = LINE.exec(line);
    if (match === null) continue;
    const [, pts, duration, width, height, key] = match;
    frames.push({
      pts: pts === "NOPTS" ? null : Number(pts),
      durationTicks: Math.max(0, Number(duration ?? 0)),
      key: key === "1",
      width: Number(width),
      height: Number(height),
    });
  }
  return frames;
}

/** What a whole decode has shown, in order of time and counted from the clip's start. */
export function shownByDecoder(frames: readonly LoggedFrame[], startTicks: number): ShownFrame[] {
  const shown: ShownFrame[] = [];
  for (const [index, frame] of frames.entries()) {
    if (frame.pts === null) continue;
    const ticks = frame.pts - startTicks;
    if (ticks > (shown.at(-1)?.ticks ?? Number.NEGATIVE_INFINITY))
      shown.push({ ticks, durationTicks: frame.durationTicks, key: frame.key, index });
  }
  return shown;
}
