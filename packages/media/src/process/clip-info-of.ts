import type { ClipInfo } from "@shardmill/core";
import type { PacketTable } from "../sampling/packet-table.ts";
import type { ProbedClip } from "./read-packet-table.ts";

/** What the sample's JSON says about the clip; `shown` is a frame after rotation. */
export function clipInfoOf(
  { table, width, height, printedFps }: ProbedClip,
  shown: { readonly width: number; readonly height: number } | undefined,
): ClipInfo {
  const { count, ticks } = extentOf(table);
  const durationS = (ticks * table.timeBase.num) / table.timeBase.den;
  return {
    durationS,
    width: shown?.width ?? width,
    height: shown?.height ?? height,
    fps: exactFps(printedFps, durationS > 0 ? count / durationS : 0),
    codec: table.codec,
  };
}

/** From the first shown packet to the end of the last. */
function extentOf(table: PacketTable): { count: number; ticks: number } {
  let count = 0;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  let lastDuration = 0;
  for (const { pts, dts, duration, discard } of table.packets) {
    const ticks = pts ?? dts;
    if (discard) continue;
    count += 1;
    if (ticks === null) continue;
    first = Math.min(first, ticks);
    if (ticks < last) continue;
    last = ticks;
    lastDuration = duration;
  }
  return { count, ticks: last < first ? 0 : last + lastDuration - first };
}

/** ffmpeg prints 23.98 for 24000/1001: the counted rate where it rounds to that, else a broadcast rate that does. */
function exactFps(printed: number, counted: number): number {
  if (printed === 0 || Number.isInteger(printed)) return printed || counted;
  const broadcast = (Math.round((printed * 1001) / 1000) * 1000) / 1001;
  const isSame = (rate: number): boolean => rate.toFixed(2) === printed.toFixed(2);
  return [broadcast, counted].find(isSame) ?? printed;
}
