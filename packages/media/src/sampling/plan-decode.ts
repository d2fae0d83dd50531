import type { PacketTable, TablePacket } from "./packet-table.ts";

/** Which packets go through the decoder. */
export type DecodePlan =
  /** Everything, in order, up to the last wanted frame; `why` names what made it so. */
  | { readonly kind: "all"; readonly why: string }
  /** Runs of packets, each begun at a picture that needs nothing before it; the decoder is emptied in between. */
  | { readonly kind: "runs"; readonly runs: readonly (readonly number[])[] };

/**
 * Decides what must be decoded to get the wanted frames, bit for bit as a whole decode gives them:
 * pictures that no other is predicted from are left out unless wanted, and so are groups of pictures, and tails of
 * groups, without a wanted frame. Only H.264 and HEVC are looked into; where anything is doubtful, all is decoded.
 */
export function planDecode(table: PacketTable, wanted: ReadonlySet<number>): DecodePlan {
  const doubt = doubtAbout(table);
  if (doubt !== null) return { kind: "all", why: doubt };
  const groups = groupsOf(table.packets);
  markNeeded(groups, table.packets, wanted);
  const topLayer = Math.max(0, ...layersOf(table.packets));
  const runs: number[][] = [];
  let isOpen = false;
  for (const group of groups) {
    if (group.need === "nothing") {
      isOpen = false;
      continue;
    }
    if (!isOpen) runs.push([]);
    const run = runs.at(-1) ?? [];
    run.push(...fedOf(group, table.packets, wanted, topLayer));
    isOpen = group.need === "whole";
  }
  return { kind: "runs", runs };
}

interface Group {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** whole: the next group's leading pictures need it. wanted: up to the last wanted packet. */
  need: "nothing" | "wanted" | "whole";
  wantsLeading: boolean;
}

function doubtAbout(table: PacketTable): string | null {
  if (table.codec !== "h264" && table.codec !== "hevc")
    return "only H.264 and HEVC tell which pictures are needed";
  const first = table.packets[0]?.unit;
  if (first?.role !== "idr" && first?.role !== "cra") return "the stream does not begin at a clean start";
  for (const [index, packet] of table.packets.entries()) {
    // What is decoded by a plan may lack the packet that brings them.
    if (packet.bringsParameters && index > 0) return "parameter sets change beside the packets' bytes";
    if (packet.unit === null) return "a packet is not one whole picture";
    if (packet.pts === null) return "a packet has no time";
    // A parameter set that a skipped group brings may be used by a later one that does not repeat it.
    const { role, hasParameterSets } = packet.unit;
    if (hasParameterSets && role !== "idr" && role !== "cra") return "parameter sets change inside a group";
  }
  const starts = table.packets.slice(1).filter(isStart);
  const bringing = starts.filter((packet) => packet.unit?.hasParameterSets === true).length;
  if (bringing !== 0 && bringing !== starts.length) return "some groups bring parameter sets and some do not";
  return null;
}

function isStart(packet: TablePacket): boolean {
  return packet.unit?.role === "idr" || packet.unit?.role === "cra";
}

function groupsOf(packets: readonly TablePacket[]): Group[] {
  const starts = packets.flatMap((packet, index) => (isStart(packet) ? [index] : []));
  return starts.map((from, at) => ({
    from,
    to: starts[at + 1] ?? packets.length,
    // The first picture is always decoded: it may bring what all others rely on (parameter sets, the encoder's name).
    need: at === 0 ? "wanted" : "nothing",
    wantsLeading: false,
  }));
}

/** Wanted leading pictures that reach back over their start (HEVC rasl) need the whole group before. */
function markNeeded(groups: Group[], packets: readonly TablePacket[], wanted: ReadonlySet<number>): void {
  for (const [at, group] of groups.entries()) {
    for (let index = group.from; index < group.to; index += 1) {
      if (!wanted.has(index)) continue;
      if (group.need === "nothing") group.need = "wanted";
      if (packets[index]?.unit?.role === "rasl") group.wantsLeading = true;
    }
    const before = groups[at - 1];
    if (group.wantsLeading && before !== undefined) before.need = "whole";
  }
}

function layersOf(packets: readonly TablePacket[]): Set<number> {
  return new Set(packets.map((packet) => packet.unit?.temporalId ?? 0));
}

function fedOf(
  group: Group,
  packets: readonly TablePacket[],
  wanted: ReadonlySet<number>,
  topLayer: number,
): number[] {
  let last = group.to - 1;
  if (group.need === "wanted") while (last > group.from && !wanted.has(last)) last -= 1;
  const fed: number[] = [];
  for (let index = group.from; index <= last; index += 1) {
    const unit = packets[index]?.unit;
    if (unit === null || unit === undefined) continue;
    const isSpare =
      // A sub-layer non-reference picture may still serve a higher layer: only the top one is free of that.
      (unit.disposable && unit.temporalId === topLayer) || (unit.role === "rasl" && !group.wantsLeading);
    if (index === group.from || wanted.has(index) || !isSpare) fed.push(index);
  }
  return fed;
}
