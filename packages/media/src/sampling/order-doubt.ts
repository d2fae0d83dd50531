import type { PacketTable, TablePacket } from "./packet-table.ts";

/**
 * Why the times of the packets do not tell the order in which they are shown; null where they do. Only a decoder
 * knows then: it shows what it is given in the order of the file, and pictures of one group in the order that the
 * stream itself states.
 */
export function orderDoubt({ packets, timeBase }: Pick<PacketTable, "packets" | "timeBase">): string | null {
  if (clockSteps(packets)) return "the clock steps back or stands still";
  let shownUntil = Number.NEGATIVE_INFINITY;
  let group = emptyGroup();
  for (const packet of packets) {
    const { pts, dts, unit } = packet;
    if (pts !== null && dts !== null && (pts - dts) * timeBase.num > waitLimitS * timeBase.den) return waits;
    if (unit?.role === "idr") {
      if (isOutOfOrder(group)) return outOfOrder;
      shownUntil = Math.max(shownUntil, group.lastPts);
      group = emptyGroup();
    }
    // Whatever comes before a clean start is shown before it.
    if (pts !== null && pts < shownUntil) return "two takes share one stretch of time";
    see(group, packet);
  }
  return isOutOfOrder(group) ? outOfOrder : null;
}

/** Whether the times of decoding, which only ever grow in one take, do not. */
export function clockSteps(packets: PacketTable["packets"]): boolean {
  let last = Number.NEGATIVE_INFINITY;
  for (const { dts } of packets) {
    if (dts !== null && dts <= last) return true;
    last = dts ?? last;
  }
  return false;
}

/** No picture waits so long to be shown: the clock has jumped between its two times. Seconds. */
const waitLimitS = 10;
const waits = "a picture is shown long after it is decoded";
const outOfOrder = "pictures that are shown earlier than they are decoded carry the times of decoding";

interface Group {
  lastPts: number;
  isAscending: boolean;
  hasReordered: boolean;
}

function emptyGroup(): Group {
  return { lastPts: Number.NEGATIVE_INFINITY, isAscending: true, hasReordered: false };
}

function see(group: Group, { pts, unit }: TablePacket): void {
  if (unit?.isBidirectional === true) group.hasReordered = true;
  if (pts === null) return;
  if (pts < group.lastPts) group.isAscending = false;
  group.lastPts = Math.max(group.lastPts, pts);
}

function isOutOfOrder({ isAscending, hasReordered }: Group): boolean {
  return isAscending && hasReordered;
}
