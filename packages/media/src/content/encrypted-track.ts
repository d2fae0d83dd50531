import { type Box, boxAt, boxesIn, isMov } from "./boxes.ts";
import { isEncryptedMatroska } from "./encrypted-matroska.ts";
import { sampleTables, videoTracks } from "./mov-tracks.ts";
import { isScrambledTs } from "./scrambled-ts.ts";

/** A video stream as containers know it: its place among the video streams, and its number (a PID in MPEG-TS). */
export interface TrackPlace {
  readonly ordinal: number;
  readonly id: number;
}

/**
 * One line where the container says that a video stream is encrypted: its pictures would be noise that decodes without an
 * error. Null where it does not. Without a place any video stream counts.
 */
export function encryptedTrack(content: Uint8Array, place: TrackPlace | null): string | null {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (isMov(bytes)) return isEncryptedMov(bytes, place) ? "the video is encrypted (encv)" : null;
  if (isEncryptedMatroska(bytes, place)) return "the video is encrypted (ContentEncryption)";
  return isScrambledTs(bytes, place) ? "the video is encrypted (scrambled)" : null;
}

/** ISO/IEC 14496-12, 8.12: an encrypted sample entry is `encv` (QuickTime's older one is `drmi`). */
const encryptedEntries = new Set(["encv", "drmi"]);

function isEncryptedMov(bytes: Buffer, place: TrackPlace | null): boolean {
  const tracks = videoTracks(bytes);
  return tracks.some(
    (track, at) => (place === null || at === place.ordinal) && hasEncryptedEntry(bytes, track),
  );
}

/** `stsd` is version and flags, a count, then the entries as boxes. */
function hasEncryptedEntry(bytes: Buffer, track: Box): boolean {
  const table = boxAt(bytes, track, [...sampleTables, "stsd"]);
  if (table === null) return false;
  const entries = boxesIn(bytes, table.from + 8, Math.min(table.to, bytes.length));
  return [...entries].some(({ type }) => encryptedEntries.has(type));
}
