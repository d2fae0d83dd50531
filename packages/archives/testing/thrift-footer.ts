/** A value of Thrift's compact protocol, as it is typed on the wire. */
export type Thrift =
  | { readonly type: 1 | 2; readonly value: boolean }
  | { readonly type: 3 | 4 | 5 | 6; value: bigint }
  | { readonly type: 7; readonly value: Buffer }
  | { readonly type: 8; value: Buffer }
  | { readonly type: 9; readonly of: number; readonly items: Thrift[] }
  | Struct;

export interface Struct {
  readonly type: 12;
  readonly fields: Map<number, Thrift>;
}

/** Rewrites a parquet file's footer: what the writers at hand do not make, a test makes of what they made. */
export function withFooter(file: Buffer, change: (footer: Struct) => void): Buffer {
  const length = file.readUInt32LE(file.length - 8);
  const start = file.length - 8 - length;
  const footer = struct({ bytes: file, at: start });
  change(footer);
  const out: number[] = [];
  writeStruct(out, footer);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(out.length);
  return Buffer.concat([file.subarray(0, start), Buffer.from(out), size, Buffer.from("PAR1")]);
}

export function fieldOf(of: Thrift | undefined, id: number): Thrift {
  const found = of?.type === 12 ? of.fields.get(id) : undefined;
  if (found === undefined) throw new Error(`no field ${id}`);
  return found;
}

export function itemsOf(list: Thrift): Thrift[] {
  if (list.type !== 9) throw new Error("no list");
  return list.items;
}

export function setNumber(of: Thrift, id: number, value: number): void {
  const field = fieldOf(of, id);
  if (field.type < 3 || field.type > 6) throw new Error(`field ${id} is no number`);
  (field as { value: bigint }).value = BigInt(value);
}

/** A deep copy: what is changed in one is not in the other. */
export function copyOf(value: Thrift): Thrift {
  if (value.type === 9) return { ...value, items: value.items.map(copyOf) };
  if (value.type !== 12) return { ...value };
  return { type: 12, fields: new Map([...value.fields].map(([id, field]) => [id, copyOf(field)])) };
}

interface Reader {
  readonly bytes: Buffer;
  at: number;
}

function byteOf(reader: Reader): number {
  return reader.bytes[reader.at++] ?? 0;
}

function varint(reader: Reader): bigint {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = byteOf(reader);
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}

function zigzag(reader: Reader): bigint {
  const value = varint(reader);
  return (value >> 1n) ^ -(value & 1n);
}

function struct(reader: Reader): Struct {
  const fields = new Map<number, Thrift>();
  for (let id = 0; ; ) {
    const head = byteOf(reader);
    if (head === 0) return { type: 12, fields };
    id = head >> 4 === 0 ? Number(zigzag(reader)) : id + (head >> 4);
    fields.set(id, readValue(reader, head & 15, false));
  }
}

function readValue(reader: Reader, type: number, inList: boolean): Thrift {
  switch (type) {
    case 1:
    case 2:
      return inList ? { type: 1, value: byteOf(reader) === 1 } : { type, value: type === 1 };
    case 3:
      return { type, value: BigInt(byteOf(reader)) };
    case 4:
    case 5:
    case 6:
      return { type, value: zigzag(reader) };
    case 7:
      reader.at += 8;
      return { type, value: reader.bytes.subarray(reader.at - 8, reader.at) };
    case 8: {
      const length = Number(varint(reader));
      reader.at += length;
      return { type, value: reader.bytes.subarray(reader.at - length, reader.at) };
    }
    case 9: {
      const head = byteOf(reader);
      const size = head >> 4 === 15 ? Number(varint(reader)) : head >> 4;
      const of = head & 15;
      return { type, of, items: Array.from({ length: size }, () => readValue(reader, of, true)) };
    }
    case 12:
      return struct(reader);
    default:
      throw new Error(`thrift type ${type}`);
  }
}

function writeVarint(out: number[], value: bigint): void {
  let left = value;
  for (; left > 0x7fn; left >>= 7n) out.push(Number(left & 0x7fn) | 0x80);
  out.push(Number(left));
}

function writeZigzag(out: number[], value: bigint): void {
  writeVarint(out, value < 0n ? -value * 2n - 1n : value * 2n);
}

function writeStruct(out: number[], { fields }: Struct): void {
  let last = 0;
  for (const [id, value] of [...fields].sort(([a], [b]) => a - b)) {
    const step = id - last;
    if (step < 16) out.push((step << 4) | value.type);
    else {
      out.push(value.type);
      writeZigzag(out, BigInt(id));
    }
    last = id;
    if (value.type > 2) writeValue(out, value);
  }
  out.push(0);
}

function writeValue(out: number[], value: Thrift): void {
  switch (value.type) {
    case 1:
    case 2:
      out.push(value.value ? 1 : 2);
      return;
    case 3:
      out.push(Number(value.value));
      return;
    case 4:
    case 5:
    case 6:
      writeZigzag(out, value.value);
      return;
    case 8:
      writeVarint(out, BigInt(value.value.length));
      for (const byte of value.value) out.push(byte);
      return;
    case 7:
      for (const byte of value.value) out.push(byte);
      return;
    case 9:
      if (value.items.length < 15) out.push((value.items.length << 4) | value.of);
      else {
        out.push(0xf0 | value.of);
        writeVarint(out, BigInt(value.items.length));
      }
      for (const item of value.items) writeValue(out, item);
      return;
    case 12:
      writeStruct(out, value);
      return;
    default:
      value satisfies never;
  }
}
