import { type Box, boxAt, boxesIn, isMov } from "./boxes.ts";

/** Where a track keeps the tables of its samples. */
export const sampleTables = ["mdia", "minf", "stbl"] as const;

/** The `trak` boxes of a file's video tracks, in its order; none where it has no index. */
export function videoTracks(bytes: Buffer): Box[] {
  const index = [...boxesIn(bytes, 0, bytes.length)].find(({ type }) => type === "moov");
  if (index === undefined) return [];
  return [...boxesIn(bytes, index.from, Math.min(index.to, bytes.length))].filter(
    (box) => box.type === "trak" && isVideo(bytes, box),
  );
}

/** `hdlr` is version and flags, a QuickTime type, then the handler's. */
function isVideo(bytes: Buffer, track: Box): boolean {
  const handler = boxAt(bytes, track, ["mdia", "hdlr"]);
  return handler !== null && bytes.toString("latin1", handler.from + 8, handler.from + 12) === "vide";
}

/**
 * How long the last sample of a video track lasts by its own table (`stts`: version and flags, a count, then pairs of
 * count and duration), ticks. FFmpeg 7 counts to the end of the track instead, FFmpeg 8 goes by the table. Null where
 * there is no such table: other containers, fragments.
 */
export function lastSampleTicks(content: Uint8Array, ordinal: number): number | null {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const track = isMov(bytes) ? videoTracks(bytes)[ordinal] : undefined;
  const table = track === undefined ? null : boxAt(bytes, track, [...sampleTables, "stts"]);
  if (table === null || table.to > bytes.length || table.from + 8 > table.to) return null;
  const last = table.from + 8 * bytes.readUInt32BE(table.from + 4);
  return last < table.from + 8 || last + 8 > table.to ? null : bytes.readUInt32BE(last + 4);
}
