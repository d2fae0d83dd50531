/** A tar entry as a hostile writer would have it. Whatever is not given is the truth. */
export interface RawEntry {
  readonly name: string | Buffer;
  readonly data?: Uint8Array;
  /** Header type: `0` a file, `1` a hard link, `2` a symbolic link, `3` and `4` devices, `x` a pax header, ... */
  readonly type?: string;
  readonly statedSize?: number;
  readonly linkName?: string;
}

/** A tar with headers that say whatever they are told to say. */
export function rawTar(entries: readonly RawEntry[], endBlocks = 2): Buffer {
  const blocks = entries.flatMap((entry) => {
    const data = Buffer.from(entry.data ?? Buffer.alloc(0));
    return [header(entry, data.length), data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(512 * endBlocks)]);
}

/** A pax header in front of an entry. */
export function pax(fields: Readonly<Record<string, string>>, type: "x" | "g" = "x"): RawEntry {
  const records = Object.entries(fields).map(([key, value]) => paxRecord(key, value));
  return { name: "pax", type, data: Buffer.concat(records) };
}

function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (String(length).length + rest !== length) length = String(length).length + rest;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

function header(entry: RawEntry, size: number): Buffer {
  const block = Buffer.alloc(512);
  Buffer.from(entry.name).copy(block, 0, 0, 100);
  block.write("0000644\u00000000000\u00000000000\u0000", 100, "latin1");
  const stated = entry.statedSize ?? size;
  if (stated < 0o77777777777) block.write(stated.toString(8).padStart(11, "0"), 124);
  else {
    block[124] = 0x80;
    block.writeBigUInt64BE(BigInt(stated), 128);
  }
  block.write("00000000000", 136);
  block.write(entry.type ?? "0", 156, "latin1");
  block.write(entry.linkName ?? "", 157, 100, "latin1");
  block.write("ustar\u000000", 257, "latin1");
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148, "latin1");
  return block;
}
