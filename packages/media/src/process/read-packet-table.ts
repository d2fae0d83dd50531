import type { PacketTable, TablePacket } from "../sampling/packet-table.ts";
import { rescaleTicks } from "../sampling/rescale-ticks.ts";

/** What one run of ffmpeg tells about a clip without decoding it. */
export interface ProbedClip {
  readonly table: PacketTable;
  /** As coded, before rotation. */
  readonly width: number;
  readonly height: number;
  /** What the container says of its length, seconds; null where it does not. */
  readonly containerS: number | null;
  /** Average frames per second as ffmpeg prints it, two decimals at most; 0 where it does not. */
  readonly printedFps: number;
}

const MICROSECONDS = { num: 1, den: 1_000_000 };
const KEY = 1;
const DISCARD = 4;

/**
 * FFmpeg's own packet listing (the `framecrc` format: one line per packet after a few `#` lines) together with the
 * lines that ffmpeg logs about the input. Null where no video stream was listed.
 */
export function readPacketTable(
  listing: string,
  log: readonly string[],
  isCutShort: boolean,
): ProbedClip | null {
  const header = /^#tb 0: (\d+)\/(\d+)$/m.exec(listing);
  const codec = /^#codec_id 0: (\S+)$/m.exec(listing)?.[1];
  if (header === null || codec === undefined) return null;
  const timeBase = { num: Number(header[1]), den: Number(header[2]) };
  const size = /^#dimensions 0: (\d+)x(\d+)$/m.exec(listing);
  const input = containerTimes(log);
  const end = input.durationS === null ? null : Math.round((input.startS + input.durationS) * 1_000_000);
  return {
    table: {
      codec,
      timeBase,
      startTicks: rescaleTicks(Math.round(input.startS * 1_000_000), MICROSECONDS, timeBase),
      packets: packetsOf(listing),
      codecFrameTicks: 0,
      hasTimestamps: true,
      declaredEndTicks: end === null || !isCutShort ? null : rescaleTicks(end, MICROSECONDS, timeBase),
    },
    width: Number(size?.[1] ?? 0),
    height: Number(size?.[2] ?? 0),
    containerS: input.durationS,
    printedFps: printedFps(log),
  };
}

/** `0, dts, pts, duration, size, 0xchecksum[, F=0xflags][, side data]`; flags are left out when they are just "key". */
function packetsOf(listing: string): TablePacket[] {
  const packets: TablePacket[] = [];
  const line = /^0,\s*(-?\d+),\s*(-?\d+),\s*(-?\d+),\s*(\d+), 0x[0-9a-f]+(?:, F=0x([0-9A-Fa-f]+))?/gm;
  for (const [, dts, pts, duration, size, flags] of listing.matchAll(line)) {
    const bits = flags === undefined ? KEY : Number.parseInt(flags, 16);
    packets.push({
      dts: timestamp(dts),
      pts: timestamp(pts),
      duration: Number(duration),
      sizeBytes: Number(size),
      key: (bits & KEY) !== 0,
      discard: (bits & DISCARD) !== 0,
      unit: null,
    });
  }
  return packets;
}

/** AV_NOPTS_VALUE is the least 64-bit number. */
function timestamp(text: string | undefined): number | null {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

/** `  Duration: 00:00:09.02, start: 1.400000, bitrate: ...`; either may be N/A or missing. */
function containerTimes(log: readonly string[]): { startS: number; durationS: number | null } {
  const line = log.find((text) => /^\s*Duration: /.test(text)) ?? "";
  const duration = /Duration: (\d+):(\d+):(\d+\.\d+)/.exec(line);
  const start = /start: (-?\d+\.\d+)/.exec(line);
  return {
    startS: Number(start?.[1] ?? 0),
    durationS:
      duration === null ? null : Number(duration[1]) * 3600 + Number(duration[2]) * 60 + Number(duration[3]),
  };
}

/** `  Stream #0:0[0x1](und): Video: h264 (High), yuv420p, 640x360, 652 kb/s, 23.98 fps, 23.98 tbr, 24k tbn` */
function printedFps(log: readonly string[]): number {
  const line = log.find((text) => /^\s*Stream #0:\d+.*: Video: /.test(text)) ?? "";
  return Number(/, (\d+(?:\.\d+)?) fps/.exec(line)?.[1] ?? 0);
}
