/** Names of FFmpeg's demuxers. */
export type Container = "mov" | "matroska" | "mpegts" | "avi" | "flv" | "mpeg" | "asf" | "ogg";

/**
 * The container by its first bytes, or null. A decoder is only ever told to open one of these, so that a playlist
 * (HLS, concat, DASH) inside a dataset can never make it open another file or address.
 */
export function sniffContainer(bytes: Uint8Array): Container | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 4096));
  if (MOV_BOXES.has(head.toString("latin1", 4, 8))) return "mov";
  if (head.length >= 4 && head.readUInt32BE(0) === 0x1a45dfa3) return "matroska";
  const start = head.toString("latin1", 0, 4);
  if (start === "RIFF" && head.toString("latin1", 8, 11) === "AVI") return "avi";
  if (start.startsWith("FLV")) return "flv";
  if (start === "OggS") return "ogg";
  if (head.length >= 4 && head.readUInt32BE(0) === 0x000001ba) return "mpeg";
  if (head.length >= 4 && head.readUInt32BE(0) === 0x3026b275) return "asf";
  return isTransportStream(head) ? "mpegts" : null;
}

/** What a QuickTime or ISO file may begin with. */
const MOV_BOXES = new Set(["ftyp", "moov", "mdat", "free", "skip", "wide", "pnot", "styp", "uuid"]);
const SYNC_BYTE = 0x47;
const PACKET_SIZES = [188, 192, 204];

/** Packets of 188 bytes (192 with a leading time code, 204 with parity), each begun by a sync byte. */
function isTransportStream(head: Buffer): boolean {
  return PACKET_SIZES.some((size) => {
    for (let start = 0; start < size; start += 1) {
      const places = [0, 1, 2, 3, 4].map((packet) => start + packet * size);
      if (places.every((place) => head[place] === SYNC_BYTE)) return true;
    }
    return false;
  });
}
