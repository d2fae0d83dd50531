/** True where the container's own sizes say that the file once was longer: then its index promises more than is there. */
export function isCutShort(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (containerOf(view)) {
    case "mov":
      return boxesEnd(view) > bytes.byteLength;
    case "avi":
      return 8 + view.getUint32(4, true) > bytes.byteLength;
    case "matroska":
      return segmentEnd(view) > bytes.byteLength;
    case "flv":
      return tagsEnd(view) > bytes.byteLength;
    case "asf":
      return statedSize(bytes) > bytes.byteLength;
    case "ivf":
      return frameHeadersEnd(view) > bytes.byteLength;
    default:
      return false;
  }
}

/** What a QuickTime or ISO file may begin with. */
const MOV_BOXES = new Set(["ftyp", "moov", "mdat", "free", "skip", "wide", "pnot", "styp", "uuid"]);

function containerOf(view: DataView): "mov" | "matroska" | "avi" | "flv" | "asf" | "ivf" | null {
  if (view.byteLength < 12) return null;
  const text = (at: number): string =>
    String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(at + index)));
  if (MOV_BOXES.has(text(4))) return "mov";
  if (view.getUint32(0) === 0x1a45dfa3) return "matroska";
  if (text(0) === "DKIF") return "ivf";
  if (text(0).startsWith("FLV")) return "flv";
  if (view.getUint32(0) === 0x3026b275) return "asf";
  return text(0) === "RIFF" && text(8) === "AVI " ? "avi" : null;
}

/** ISO/IEC 14496-12, 4.2: 32-bit size and type; size 1: a 64-bit one follows; size 0: to the end of the file. */
function boxesEnd(view: DataView): number {
  let at = 0;
  while (at + 8 <= view.byteLength) {
    const size = view.getUint32(at);
    if (size === 0) return view.byteLength;
    if (size === 1 && at + 16 > view.byteLength) return view.byteLength + 1;
    const whole = size === 1 ? Number(view.getBigUint64(at + 8)) : size;
    if (whole < 8) return view.byteLength;
    at += whole;
  }
  return at;
}

/** RFC 8794: the EBML header, then one Segment; a size of all ones is unknown (a live recording). */
function segmentEnd(view: DataView): number {
  const header = element(view, 0);
  const segment = header === null ? null : element(view, header.end);
  return segment?.end ?? 0;
}

function element(view: DataView, at: number): { end: number } | null {
  const idLength = at < view.byteLength ? Math.clz32(view.getUint8(at)) - 23 : 9;
  const sizeAt = at + idLength;
  const length = sizeAt < view.byteLength ? Math.clz32(view.getUint8(sizeAt)) - 23 : 9;
  if (length > 8 || sizeAt + length > view.byteLength) return null;
  let size = view.getUint8(sizeAt) & (0xff >> length);
  let isUnknown = size === 0xff >> length;
  for (let index = 1; index < length; index += 1) {
    const byte = view.getUint8(sizeAt + index);
    isUnknown &&= byte === 0xff;
    size = size * 256 + byte;
  }
  return isUnknown ? null : { end: sizeAt + length + size };
}

/** Adobe's FLV 10.1, annex E: a header that states its length, then tags (a type, 24 bits of size, ...) with their sizes behind. */
function tagsEnd(view: DataView): number {
  let at = view.getUint32(5) + 4;
  while (at + 11 <= view.byteLength) {
    const type = view.getUint8(at) & 31;
    // Sound, video, script data: whatever else is there is no tag.
    if (type !== 8 && type !== 9 && type !== 18) return view.byteLength;
    at += 11 + (view.getUint32(at) & 0xff_ffff) + 4;
  }
  // A last tag may lack the size behind it.
  return at - 4;
}

/** ASF's file properties object: its number, its size, the file's number, the file's size; a live one has none. */
const filePropertiesId = Buffer.from("a1dcab8c47a9cf118ee400c00c205365", "hex");

function statedSize(content: Uint8Array): number {
  const head = Buffer.from(content.buffer, content.byteOffset, Math.min(content.byteLength, 64 * 1024));
  const at = head.indexOf(filePropertiesId);
  return at < 0 || at + 48 > head.length ? 0 : Number(head.readBigUInt64LE(at + 40));
}

/** A header that states its length and the number of frames; each frame has its size and a time before it. */
function frameHeadersEnd(view: DataView): number {
  if (view.byteLength < 32) return 32;
  const frames = view.getUint32(24, true);
  let at = view.getUint16(6, true);
  for (let number = 0; number < frames; number += 1) {
    if (at + 12 > view.byteLength) return at + 12;
    at += 12 + view.getUint32(at, true);
  }
  return at;
}
