/** What a container's header may state of a picture. */
export interface StatedSize {
  readonly width: number;
  readonly height: number;
}

type Container = "mp4" | "mov" | "mkv" | "avi" | "flv" | "ivf" | "gif";

/** Where each container's header states the size of the first video stream, and how. */
const writers: Readonly<Record<Container, (bytes: Buffer, size: StatedSize) => void>> = {
  mp4: writeSampleEntry,
  mov: writeSampleEntry,
  // PixelWidth and PixelHeight, of two bytes each where the true ones are above 255.
  mkv: (bytes, { width, height }) => {
    const at = bytes.indexOf(Buffer.from([0xb0, 0x82]));
    bytes.writeUInt16BE(width, at + 2);
    bytes.writeUInt16BE(height, bytes.indexOf(Buffer.from([0xba, 0x82]), at) + 2);
  },
  // The stream's BITMAPINFOHEADER.
  avi: (bytes, { width, height }) => {
    const at = bytes.indexOf("strf") + 12;
    bytes.writeInt32LE(width, at);
    bytes.writeInt32LE(height, at + 4);
  },
  // Numbers of onMetaData.
  flv: (bytes, size) => {
    for (const [name, value] of Object.entries(size))
      bytes.writeDoubleBE(value, bytes.indexOf(`${name}\0`) + name.length + 1);
  },
  ivf: (bytes, { width, height }) => {
    bytes.writeUInt16LE(width, 12);
    bytes.writeUInt16LE(height, 14);
  },
  gif: (bytes, { width, height }) => {
    bytes.writeUInt16LE(width, 6);
    bytes.writeUInt16LE(height, 8);
  },
};

/** A copy of the clip whose header states another size than its pictures have. */
export function statingSize(clip: Buffer, container: Container, size: StatedSize): Buffer {
  const bytes = Buffer.from(clip);
  writers[container](bytes, size);
  return bytes;
}

/** The first sample entry behind `stsd`: its header, the table's, and 24 bytes of a VisualSampleEntry. */
function writeSampleEntry(bytes: Buffer, { width, height }: StatedSize): void {
  const at = bytes.indexOf("stsd") + 4 + 8 + 8 + 24;
  bytes.writeUInt16BE(width, at);
  bytes.writeUInt16BE(height, at + 2);
}
