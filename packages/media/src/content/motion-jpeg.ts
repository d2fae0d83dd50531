/** FFmpeg's reader of motion JPEG, as `-f` takes it. */
export const motionJpegReader = "mjpeg";

const mark = 0xff;
const startOfImage = 0xd8;
const endOfImage = 0xd9;
const startOfScan = 0xda;
const application2 = 0xe2;

/**
 * True where one JPEG follows another: FFmpeg takes such a file for a picture, unless its reader is named. A camera's
 * picture that has its preview behind it (CIPA DC-007, multi-picture format, which also holds HDR's gain maps) stays one.
 */
export function isMotionJpeg(content: Uint8Array): boolean {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const end = isStart(bytes, 0) ? endOfPicture(bytes) : null;
  return end !== null && isStart(bytes, end);
}

function isStart(bytes: Buffer, at: number): boolean {
  return bytes[at] === mark && bytes[at + 1] === startOfImage && bytes[at + 2] === mark;
}

/** Where the first picture ends (ITU-T T.81, B.1.1); null where that cannot be told, or it announces others behind it. */
function endOfPicture(bytes: Buffer): number | null {
  for (let at = 2; at + 4 <= bytes.length; ) {
    const marker = bytes[at + 1] ?? 0;
    if (bytes[at] !== mark || marker === 0) return null;
    if (marker === mark) at += 1;
    else if (marker === endOfImage) return at + 2;
    else if (marker === application2 && bytes.toString("latin1", at + 4, at + 8) === "MPF\0") return null;
    else {
      const behind = at + 2 + bytes.readUInt16BE(at + 2);
      at = marker === startOfScan ? endOfScan(bytes, behind) : behind;
    }
  }
  return null;
}

/** The first marker behind entropy-coded data, in which 0xff stands before 0 or a restart only. */
function endOfScan(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(mark, from); at >= 0; at = bytes.indexOf(mark, at + 1)) {
    const marker = bytes[at + 1] ?? 0;
    if (marker !== 0 && marker !== mark && (marker < 0xd0 || marker > 0xd7)) return at;
  }
  return bytes.length;
}
