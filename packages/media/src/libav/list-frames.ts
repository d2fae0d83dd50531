import { FrameClock } from "../sampling/frame-clock.ts";
import type { PacketTable } from "../sampling/packet-table.ts";
import type { ShownFrame } from "../sampling/shown-frames.ts";
import { decodePass, type Source, wholeClip } from "./clip-decoder.ts";

/**
 * The frames that decoding really gives, in its order and without their pixels: for clips whose packets do not tell.
 * Null where no decoder opens.
 */
export async function listFrames(
  source: Source,
  table: PacketTable,
  signal: AbortSignal,
): Promise<readonly ShownFrame[] | null> {
  const frames: ShownFrame[] = [];
  const clock = new FrameClock(table);
  const pass = await decodePass(
    source,
    wholeClip,
    ({ pts, durationTicks, frame }, index) => {
      // A made-up clock is not asked: frames follow one another by their durations (ffmpeg_dec.c, `packet_decode`).
      const isKnown = pts !== null && table.hasTimestamps;
      const time = clock.next(isKnown ? pts - table.startTicks : null, durationTicks);
      frames.push({ ...time, key: frame.keyFrame !== 0, index });
      return "more";
    },
    signal,
  );
  return pass === null ? null : frames;
}
