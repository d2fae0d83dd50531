/** A box of an mp4 as a tree, so that something can be put in or changed and all sizes still hold. */
interface Mp4Box {
  readonly type: string;
  /** Bytes before the children: version, flags and fields. All of the content where there are none. */
  head: Buffer;
  children: Mp4Box[];
}

/** Boxes that hold boxes, and how many bytes of their own come first. */
const parents: Readonly<Record<string, number>> = {
  ...{ moov: 0, trak: 0, mdia: 0, minf: 0, stbl: 0, stsd: 8, mvex: 0, moof: 0, traf: 0, edts: 0 },
};

function parseMp4(bytes: Buffer): Mp4Box[] {
  const boxes: Mp4Box[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    const type = bytes.toString("latin1", at + 4, at + 8);
    const content = bytes.subarray(at + 8, at + size);
    const own = parents[type];
    boxes.push(
      own === undefined
        ? { type, head: Buffer.from(content), children: [] }
        : { type, head: Buffer.from(content.subarray(0, own)), children: parseMp4(content.subarray(own)) },
    );
    at += size;
  }
  return boxes;
}

function writeMp4(boxes: readonly Mp4Box[]): Buffer {
  return Buffer.concat(
    boxes.flatMap(({ type, head, children }) => {
      const content = Buffer.concat([head, writeMp4(children)]);
      const header = Buffer.alloc(8);
      header.writeUInt32BE(content.length + 8);
      header.write(type, 4, "latin1");
      return [header, content];
    }),
  );
}

/** All boxes of a type, wherever they lie. */
function boxesOf(boxes: readonly Mp4Box[], type: string): Mp4Box[] {
  return boxes.flatMap((box) => [...(box.type === type ? [box] : []), ...boxesOf(box.children, type)]);
}

/** Composition offsets become free space: pictures carry the times of decoding. */
export function withoutOffsets(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString("latin1").replaceAll("ctts", "free"), "latin1");
}

/** Track `number` (from 0) is switched off: the first flag of its header. */
export function withTrackOff(bytes: Buffer, number: number): Buffer {
  const boxes = parseMp4(bytes);
  const header = boxesOf(boxes, "trak").map((track) => boxesOf([track], "tkhd")[0])[number];
  if (header !== undefined) header.head[3] = (header.head[3] ?? 0) & 0xfe;
  return writeMp4(boxes);
}

/** The first sample entry as that of an encrypted track: `encv` with its scheme (ISO/IEC 14496-12, 8.12). */
export function asEncrypted(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString("latin1").replace("avc1\0\0\0\0\0\0", "encv\0\0\0\0\0\0"), "latin1");
}

/**
 * Two fragmented files as one, the second's fragments behind the first's. With `isDescribed` the second's sample entry
 * becomes the track's second one, and its fragments name it.
 */
export function joinFragments(first: Buffer, second: Buffer, isDescribed: boolean): Buffer {
  const head = parseMp4(first).filter(({ type }) => type !== "mfra");
  const tail = parseMp4(second).filter(({ type }) => type === "moof" || type === "mdat");
  if (isDescribed) {
    const [table] = boxesOf(head, "stsd");
    const [entry] = boxesOf(parseMp4(second), "stsd")[0]?.children ?? [];
    if (table === undefined || entry === undefined) throw new Error("a clip without a sample entry");
    table.children.push(entry);
    table.head.writeUInt32BE(2, 4);
    for (const fragment of boxesOf(tail, "moof")) nameEntry(fragment, 2);
  }
  return Buffer.concat([writeMp4(head), writeMp4(tail)]);
}

/** `tfhd` with flag 2: the entry's number behind the track's, which moves the data four bytes on (ffmpeg's offsets count from the moof). */
function nameEntry(fragment: Mp4Box, number: number): void {
  for (const header of boxesOf([fragment], "tfhd")) {
    if ((header.head.readUInt32BE(0) & 3) !== 0)
      throw new Error("a fragment with fields that this does not move");
    const field = Buffer.alloc(4);
    field.writeUInt32BE(number);
    header.head = Buffer.concat([header.head.subarray(0, 8), field, header.head.subarray(8)]);
    header.head[3] = (header.head[3] ?? 0) | 2;
  }
  for (const run of boxesOf([fragment], "trun")) run.head.writeInt32BE(run.head.readInt32BE(8) + 4, 8);
}
