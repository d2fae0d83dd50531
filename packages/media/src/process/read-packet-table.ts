import type { PacketTable, TablePacket } from "../sampling/packet-table.ts";
import { rescaleTicks } from "../sampling/rescale-ticks.ts";
import { type ChosenStream, readInput } from "./read-input.ts";

/** What one run of ffmpeg tells about a clip without decoding it. */
export interface ProbedClip {
  readonly table: PacketTable;
  /** As coded, before rotation. */
  readonly width: number;
  readonly height: number;
  /** What the container says of its length, seconds; null where it does not. */
  readonly containerS: number | null;
  readonly stream: ChosenStream;
  /** Its frame rate is that of the frames in its tables (QuickTime, mp4). */
  readonly countsFrames: boolean;
}

const MICROSECONDS = { num: 1, den: 1_000_000 };
const KEY = 1;
const DISCARD = 4;
/** Side data of this size is the number of an elementary stream in MPEG-TS; parameter sets are longer. */
const STREAM_ID_BYTES = 1;

/**
 * FFmpeg's own packet listing (the `framecrc` format: one line per packet after a few `#` lines) together with the
 * lines that ffmpeg logs about the input. Times count from the clip's start, as ffmpeg has it, and run on where the
 * container's clock starts again. Null where no video stream was listed.
 */
export function readPacketTable(
  listing: string,
  log: readonly string[],
  isCutShort: boolean,
): ProbedClip | null {
  const header = /^#tb 0: (\d+)\/(\d+)$/m.exec(listing);
  const codec = /^#codec_id 0: (\S+)$/m.exec(listing)?.[1];
  const input = readInput(log);
  if (header === null || codec === undefined || input.chosen === null) return null;
  const timeBase = { num: Number(header[1]), den: Number(header[2]) };
  const size = /^#dimensions 0: (\d+)x(\d+)$/m.exec(listing);
  const end = input.durationS === null ? null : Math.round(input.durationS * 1_000_000);
  return {
    table: {
      codec,
      timeBase,
      startTicks: 0,
      packets: packetsOf(listing),
      codecFrameTicks: 0,
      hasTimestamps: input.hasTimestamps,
      declaredEndTicks: end === null || !isCutShort ? null : rescaleTicks(end, MICROSECONDS, timeBase),
    },
    width: Number(size?.[1] ?? 0),
    height: Number(size?.[2] ?? 0),
    containerS: input.durationS,
    stream: input.chosen,
    countsFrames: input.countsFrames,
  };
}

/**
 * `0, dts, pts, duration, size, 0xchecksum[, F=0xflags][, S=count, size of each side data]`; flags are left out when
 * they are just "key".
 */
function packetsOf(listing: string): TablePacket[] {
  const packets: TablePacket[] = [];
  const line =
    /^0,\s*(-?\d+),\s*(-?\d+),\s*(-?\d+),\s*(\d+), 0x[0-9a-f]+(?:, F=0x([0-9A-Fa-f]+))?(?:, S=\d+,([\d, ]+))?/gm;
  for (const [, dts, pts, duration, size, flags, sides] of listing.matchAll(line)) {
    const bits = flags === undefined ? KEY : Number.parseInt(flags, 16);
    packets.push({
      dts: timestamp(dts),
      pts: timestamp(pts),
      duration: Number(duration),
      sizeBytes: Number(size),
      key: (bits & KEY) !== 0,
      discard: (bits & DISCARD) !== 0,
      bringsParameters: (sides ?? "").split(",").some((bytes) => Number(bytes) > STREAM_ID_BYTES),
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
