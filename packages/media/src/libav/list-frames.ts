import type { PacketTable } from "../sampling/packet-table.ts";
import type { ShownFrame } from "../sampling/shown-frames.ts";
import { decodePass, type Source } from "./clip-decoder.ts";

/**
 * The frames that decoding really gives, without their pixels: for clips whose packets do not tell. Frames without
 * a time follow the one before, as ffmpeg has it. Null where no decoder opens.
 */
export async function listFrames(
  source: Source,
  table: PacketTable,
  signal: AbortSignal,
): Promise<{ readonly frames: readonly ShownFrame[] } | null> {
  const frames: ShownFrame[] = [];
  const pass = await decodePass(
    source,
    { kind: "all", why: "the packets do not tell which frames are shown" },
    (decoded, index) => {
      const last = frames.at(-1);
      const following =
        last === undefined ? 0 : last.ticks + (last.durationTicks || table.codecFrameTicks || 1);
      const ticks = decoded.pts === null ? following : decoded.pts - table.startTicks;
      frames.push({ ticks, durationTicks: decoded.durationTicks, key: decoded.frame.keyFrame !== 0, index });
      return "more";
    },
    signal,
  );
  return pass === null ? null : { frames };
}
