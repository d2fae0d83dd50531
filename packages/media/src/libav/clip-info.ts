import type { ClipInfo } from "@shardmill/core";
import type { PacketTable } from "../sampling/packet-table.ts";
import type { Libav } from "./load-libav.ts";
import { rotationFilters } from "./rotation-filters.ts";
import type { VideoTrack } from "./video-track.ts";

/** What the sample's JSON says about the clip, from the packets rather than from what headers claim. */
export function clipInfo(libav: Libav, track: VideoTrack, table: PacketTable): ClipInfo {
  const durationS = durationOf(table);
  const matrix = track.parameters.getCodedSideData(libav.constants.AV_PKT_DATA_DISPLAYMATRIX);
  const isTurned = rotationFilters(matrix).some((filter) => filter.startsWith("transpose"));
  const { width, height } = track.parameters;
  const shown = table.packets.filter((packet) => !packet.discard).length;
  return {
    durationS,
    width: isTurned ? height : width,
    height: isTurned ? width : height,
    fps: track.averageFps > 0 ? track.averageFps : durationS > 0 ? shown / durationS : 0,
    codec: track.codec,
  };
}

function durationOf(table: PacketTable): number {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  let lastDuration = 0;
  for (const { pts, dts, duration, discard } of table.packets) {
    const ticks = pts ?? dts;
    if (ticks === null || discard) continue;
    first = Math.min(first, ticks);
    if (ticks >= last) {
      last = ticks;
      lastDuration = duration;
    }
  }
  return last < first ? 0 : ((last + lastDuration - first) * table.timeBase.num) / table.timeBase.den;
}
