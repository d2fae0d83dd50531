import type { PacketTable } from "../sampling/packet-table.ts";
import type { ReadPackets } from "./read-packets.ts";
import type { VideoTrack } from "./video-track.ts";

/** The clip as plain data: what choice and plan are made from. */
export function packetTableOf(track: VideoTrack, read: ReadPackets, isCutShort: boolean): PacketTable {
  return {
    codec: track.codec,
    timeBase: track.timeBase,
    startTicks: track.startTicks,
    packets: read.table,
    codecFrameTicks: track.codecFrameTicks,
    hasTimestamps: track.hasTimestamps,
    declaredEndTicks: declaredEnd(track, read, isCutShort),
  };
}

/** Containers whose header states a duration; elsewhere it is worked out from the end of the file, cut or not. */
const statesDuration = /mov|matroska|flv|asf/;

/**
 * Where the video should end, if the file is cut: by the count of frames where the container has one (the sample
 * table of mp4, the header of avi), else by its duration.
 */
function declaredEnd(track: VideoTrack, read: ReadPackets, isCutShort: boolean): number | null {
  const { num, den } = track.timeBase;
  if (track.declaredFrames > 0) {
    const isCut = read.table.length < track.declaredFrames && track.declaredDurationTicks > 0;
    return isCut ? track.firstTicks + track.declaredDurationTicks : null;
  }
  if (!statesDuration.test(track.containerName)) return null;
  return isCutShort ? Math.round((track.containerDurationS * den) / num) : null;
}
