import { orderDoubt } from "./order-doubt.ts";
import type { PacketTable } from "./packet-table.ts";

/** A frame as the viewer meets it: its time from the clip's start, and how long its packet says that it lasts. */
export interface ShownFrame {
  readonly ticks: number;
  readonly durationTicks: number;
  readonly key: boolean;
  /** The packet it is decoded from; for frames taken from the decoder, its place in their order. */
  readonly index: number;
}

/**
 * The frames a whole decode would show, in order of time. Null where the table cannot tell: a packet without a
 * time, two with the same, a clock that is made up or steps, or a start that no decoder can begin at.
 */
export function shownFrames(table: PacketTable): ShownFrame[] | null {
  const hidden = undecodableLeading(table);
  if (hidden === null || !table.hasTimestamps || orderDoubt(table) !== null) return null;
  const frames: ShownFrame[] = [];
  for (const [index, packet] of table.packets.entries()) {
    if (packet.sizeBytes === 0) continue;
    if (packet.pts === null) return null;
    if (packet.discard || hidden.has(index)) continue;
    frames.push({
      ticks: packet.pts - table.startTicks,
      durationTicks: packet.duration,
      key: packet.key,
      index,
    });
  }
  frames.sort((a, b) => a.ticks - b.ticks);
  return frames.every((frame, at) => at === 0 || frame.ticks > (frames[at - 1]?.ticks ?? 0)) ? frames : null;
}

/**
 * Leading pictures that need what came before the first packet (HEVC RASL after an opening CRA): every decoder
 * drops them. Null where decoding cannot begin cleanly, so that only the decoder knows what will be shown.
 */
function undecodableLeading(table: PacketTable): Set<number> | null {
  const hidden = new Set<number>();
  const first = table.packets[0];
  if (first === undefined) return hidden;
  if (first.unit === null) return first.key ? hidden : null;
  if (first.unit.role !== "idr" && first.unit.role !== "cra") return null;
  for (let index = 1; index < table.packets.length; index += 1) {
    const role = table.packets[index]?.unit?.role;
    if (role === "idr" || role === "cra") break;
    if (role === "rasl") hidden.add(index);
  }
  return hidden;
}
