/**
 * An MP4 whose samples lie, it says, in another file: the data reference of its track is a QuickTime alias with an
 * absolute path. The movie box has to come last, as ffmpeg writes it, for what lies behind it moves.
 */
export function withExternalData(mp4: Buffer, path: string): Buffer {
  const boxes = pathTo(mp4, ["moov", "trak", "mdia", "minf", "dinf", "dref"]);
  const dref = boxes.at(-1);
  if (dref === undefined) throw new Error("no data reference where one was looked for");
  const old = mp4.readUInt32BE(dref);
  const count = Buffer.from("0000000000000001", "hex");
  const fresh = Buffer.concat([Buffer.alloc(8), count, alias(path)]);
  fresh.writeUInt32BE(fresh.length, 0);
  fresh.write("dref", 4, "latin1");
  const bytes = Buffer.concat([mp4.subarray(0, dref), fresh, mp4.subarray(dref + old)]);
  for (const box of boxes.slice(0, -1))
    bytes.writeUInt32BE(bytes.readUInt32BE(box) + fresh.length - old, box);
  return bytes;
}

/** An alias record: a volume, a file name, and the absolute path. */
function alias(path: string): Buffer {
  const text = Buffer.from(path.length % 2 === 0 ? path : `/${path}`);
  const fixed = Buffer.alloc(10 + 28 + 12 + 64 + 16 + 4 + 16);
  const name = path.slice(path.lastIndexOf("/") + 1);
  fixed.writeUInt8(name.length, 50);
  fixed.write(name, 51, "latin1");
  const entry = Buffer.concat([Buffer.alloc(12), fixed, typed(2, text), typed(0xffff, Buffer.alloc(0))]);
  entry.writeUInt32BE(entry.length, 0);
  entry.write("alis", 4, "latin1");
  return entry;
}

function typed(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(data.length, 2);
  return Buffer.concat([head, data]);
}

/** Where each of these boxes begins, one inside the other. */
function pathTo(mp4: Buffer, names: readonly string[]): number[] {
  const found: number[] = [];
  let from = 0;
  let to = mp4.length;
  for (const name of names) {
    let at = from;
    while (at < to && mp4.toString("latin1", at + 4, at + 8) !== name) at += mp4.readUInt32BE(at);
    if (at >= to) throw new Error(`no ${name} where one was looked for`);
    found.push(at);
    from = at + 8;
    to = at + mp4.readUInt32BE(at);
  }
  return found;
}
