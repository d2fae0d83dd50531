import type { Packet } from "node-av/lib";
import { accessUnit, nalLayout } from "../sampling/access-unit.ts";
import { JoinedClock, type Stamps } from "../sampling/join-clock.ts";
import type { TablePacket } from "../sampling/packet-table.ts";
import type { Libav } from "./load-libav.ts";
import type { MemoryInput } from "./memory-input.ts";
import type { VideoTrack } from "./video-track.ts";

/** Packets of the video stream, with the native packets while they are small enough to keep. */
export interface ReadPackets {
  readonly table: readonly TablePacket[];
  /** Null where they were too many: then the clip is read again to decode it. The caller frees them. */
  readonly kept: readonly Packet[] | null;
  /** Latest end of any stream's packets, seconds; tells a cut file from one whose sound is longer. */
  readonly lastEndS: number;
}

const keptBytesLimit = 64 * 1024 * 1024;

/** Reads the whole container once. What cannot be read any more ends the table, as it ends FFmpeg's input. */
export function readPackets(libav: Libav, input: MemoryInput, track: VideoTrack): ReadPackets {
  const describe = describer(libav, track);
  const table: TablePacket[] = [];
  let kept: Packet[] | null = [];
  let keptBytes = 0;
  let lastEndS = 0;
  const seconds = input.format.streams.map((stream) => stream.timeBase.num / stream.timeBase.den);
  const seeAny = (packet: Packet): void => {
    const end = endOf(packet, libav.constants.AV_NOPTS_VALUE) * (seconds[packet.streamIndex] ?? 0);
    lastEndS = Math.max(lastEndS, end);
  };
  for (const packet of trackPackets(libav, input, track, seeAny)) {
    table.push(describe(packet));
    keptBytes += packet.size;
    if (kept !== null && keptBytes > keptBytesLimit) {
      for (const one of kept) one.free();
      kept = null;
    }
    const copy = kept === null ? null : packet.clone();
    if (copy !== null) kept?.push(copy);
  }
  return { table, kept, lastEndS };
}

/**
 * The track's packets in the order of the file, with times that run on where the container's clock starts again. One
 * native packet, refilled for every step: whoever keeps it clones it. `seeAny` meets the packets of all streams, as
 * they are in the file.
 */
export function* trackPackets(
  libav: Libav,
  input: MemoryInput,
  track: VideoTrack,
  seeAny?: (packet: Packet) => void,
): Generator<Packet, void> {
  const join = joiner(libav, track);
  const packet = new libav.lib.Packet();
  packet.alloc();
  try {
    while (input.format.readFrameSync(packet) >= 0) {
      seeAny?.(packet);
      if (packet.streamIndex === track.index) {
        join(packet);
        yield packet;
      }
      packet.unref();
    }
  } finally {
    packet.free();
  }
}

/** Writes the times that run on into each packet whose own do not. */
function joiner({ constants }: Libav, track: VideoTrack): (packet: Packet) => void {
  const none = constants.AV_NOPTS_VALUE;
  const ticks = (value: bigint) => (value === none ? null : Number(value));
  const value = (known: number | null) => (known === null ? none : BigInt(known));
  const clock = new JoinedClock(track.clock);
  return (packet) => {
    const { pts, dts } = packet;
    const own = { pts: ticks(pts), dts: ticks(dts) };
    const stamps = isTheoraHead(packet, track) ? headStamps(packet) : own;
    const joined = clock.next(stamps, Number(packet.duration));
    if (joined.pts !== own.pts) packet.pts = value(joined.pts);
    if (joined.dts !== own.dts) packet.dts = value(joined.dts);
  };
}

/** The identification header of a Theora stream (Theora specification, 6.2), as it begins a further chain of an Ogg file. */
function isTheoraHead(packet: Packet, { codec }: VideoTrack): boolean {
  return codec === "theora" && packet.data?.[0] === 0x80;
}

/**
 * The time of such a head: that before the first picture. Up to version 7, libavformat said so; version 8 takes it for the
 * last of the chain before, and its successor would be rejoined two pictures late.
 */
function headStamps({ duration }: Packet): Stamps {
  return { pts: -Number(duration), dts: -Number(duration) };
}

function endOf(packet: Packet, none: bigint): number {
  const at = packet.pts === none ? packet.dts : packet.pts;
  return at === none ? 0 : Number(at + packet.duration);
}

function describer({ constants }: Libav, track: VideoTrack): (packet: Packet) => TablePacket {
  const { codec, extradata } = track;
  const looked = codec === "h264" || codec === "hevc" ? codec : null;
  const layout = nalLayout(looked ?? "h264", extradata);
  const ticks = (value: bigint) => (value === constants.AV_NOPTS_VALUE ? null : Number(value));
  let parameters = Buffer.from(extradata ?? []);
  const bringsOthers = (packet: Packet): boolean => {
    const brought = packet.getSideData(constants.AV_PKT_DATA_NEW_EXTRADATA);
    if (brought === null || brought.equals(parameters)) return false;
    parameters = Buffer.from(brought);
    return true;
  };
  return (packet) => {
    const flags = packet.flags;
    const data = looked === null ? null : packet.data;
    return {
      pts: ticks(packet.pts),
      dts: ticks(packet.dts),
      duration: Number(packet.duration),
      key: (flags & constants.AV_PKT_FLAG_KEY) !== 0,
      discard: (flags & constants.AV_PKT_FLAG_DISCARD) !== 0,
      sizeBytes: packet.size,
      bringsParameters: bringsOthers(packet),
      unit: looked === null || data === null ? null : accessUnit(looked, data, layout),
    };
  };
}
