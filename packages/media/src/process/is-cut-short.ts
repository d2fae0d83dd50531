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
    default:
      return false;
  }
}

/** What a QuickTime or ISO file may begin with. */
const MOV_BOXES = new Set(["ftyp", "moov", "mdat", "free", "skip", "wide", "pnot", "styp", "uuid"]);

function containerOf(view: DataView): "mov" | "matroska" | "avi" | null {
  if (view.byteLength < 12) return null;
  const text = (at: number): string =>
    String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(at + index)));
  if (MOV_BOXES.has(text(4))) return "mov";
  if (view.getUint32(0) === 0x1a45dfa3) return "matroska";
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
