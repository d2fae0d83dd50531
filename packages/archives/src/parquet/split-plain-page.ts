import type { ByteSource } from "@shardmill/core";
import type { PageHeader } from "hyparquet";
import { ByteCursor } from "../bytes/byte-cursor.ts";
import { SnappyStream } from "../bytes/snappy-stream.ts";
import { checkLevelRuns } from "./check-page-runs.ts";
import type { ExpandedPage } from "./expand-page.ts";
import {
  type ColumnDecoder,
  getMaxDefinitionLevel,
  getMaxRepetitionLevel,
  readRleBitPackedHybrid,
} from "./hyparquet-internals.ts";
import { decoding, parquetMalformed } from "./parquet-failure.ts";

/** Writers of snappy go back 64 KiB at most; the format would allow more. */
const windowBytes = 4 * 1024 * 1024;
/** A part is as large as that, or as one value. */
const partBytes = 1024 * 1024;

/** Byte arrays that lie one after the other, each behind its length: no other kind of page can be cut anywhere. */
export function isPlainPage({ data_page_header: page }: PageHeader, { type }: ColumnDecoder): boolean {
  return page !== undefined && page.encoding === "PLAIN" && type === "BYTE_ARRAY";
}

/** So many values of a large page, as a small page of indices into them: each value lies in memory of its own. */
export interface PagePart extends ExpandedPage {
  readonly values: Uint8Array[];
}

/**
 * A snappy page of plain byte arrays as a series of small ones, made as its bytes come: a row group's images in one page of
 * hundreds of megabytes are never in memory together, and each is copied once.
 */
export async function* splitPlainPage(
  source: ByteSource,
  { header, decoder }: { readonly header: PageHeader; readonly decoder: ColumnDecoder },
  packed: AsyncIterable<Uint8Array>,
): AsyncGenerator<PagePart> {
  const what = `a page of ${decoder.pathInSchema.join(".")} cannot be decompressed`;
  const page = header.data_page_header;
  if (page === undefined) throw parquetMalformed(source, what);
  const cursor = new ByteCursor(unpacked(source, what, header.uncompressed_page_size, packed));
  const take = async (bytes: number): Promise<Uint8Array> => {
    const taken = bytes > header.uncompressed_page_size ? new Uint8Array(0) : await cursor.take(bytes);
    if (taken.length === bytes) return taken;
    throw parquetMalformed(source, `a value of ${decoder.pathInSchema.join(".")} is larger than its page`);
  };
  const repetition = { max: getMaxRepetitionLevel(decoder.schemaPath), levels: new Uint8Array(0) };
  const definition = { max: getMaxDefinitionLevel(decoder.schemaPath), levels: new Uint8Array(0) };
  for (const kind of [repetition, definition])
    if (kind.max > 0) {
      const block = await readLevelBlock(take);
      kind.levels = decoding(source, `levels of ${decoder.pathInSchema.join(".")} cannot be decoded`, () =>
        decodedLevels(block, page.num_values, kind.max),
      );
    }
  for (let first = 0; first < page.num_values; ) {
    const values: Uint8Array[] = [];
    let bytes = 0;
    let end = first;
    while (end < page.num_values && bytes < partBytes) {
      if (definition.max === 0 || definition.levels[end] === definition.max) {
        const length = await take(4);
        const value = await take(new DataView(length.buffer, length.byteOffset).getUint32(0, true));
        values.push(value);
        bytes += value.length + 4;
      }
      end += 1;
    }
    const levels = [repetition, definition].flatMap(({ max, levels: all }) =>
      max > 0 ? packedLevels(all.subarray(first, end), max) : [],
    );
    const body = Buffer.concat([...levels, ...packedIndices(values.length)]);
    yield {
      header: {
        ...header,
        compressed_page_size: body.length,
        uncompressed_page_size: body.length,
        data_page_header: { ...page, encoding: "RLE_DICTIONARY", num_values: end - first },
      },
      body,
      values,
    };
    first = end;
  }
  // To the end: only there does unpacking tell whether the page had the size it stated.
  await cursor.skip(Number.MAX_SAFE_INTEGER);
}

async function* unpacked(
  source: ByteSource,
  what: string,
  bytes: number,
  packed: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const stream = new SnappyStream(bytes, windowBytes);
  for await (const chunk of packed) {
    const pieces = stream.feed(chunk);
    for (;;) {
      const piece = decoding(source, what, () => pieces.next());
      if (piece.done === true) break;
      yield piece.value;
    }
  }
  yield decoding(source, what, () => stream.finish());
}

/** The levels of all values, packed and behind their length: they come before the first value. */
async function readLevelBlock(take: (bytes: number) => Promise<Uint8Array>): Promise<Buffer> {
  const prefix = await take(4);
  const runs = await take(new DataView(prefix.buffer, prefix.byteOffset).getUint32(0, true));
  return Buffer.concat([prefix, runs]);
}

function decodedLevels(block: Buffer, values: number, max: number): Uint8Array<ArrayBuffer> {
  checkLevelRuns(block, bitWidth(max), values);
  const levels = new Uint8Array(values);
  const reader = { view: new DataView(block.buffer, block.byteOffset, block.length), offset: 0 };
  readRleBitPackedHybrid(reader, bitWidth(max), levels);
  return levels;
}

/** Levels as a page has them: one run of packed bits, behind its length. */
function packedLevels(levels: Uint8Array, max: number): Uint8Array[] {
  const run = packedRun(levels, bitWidth(max));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(run.length);
  return [length, run];
}

/** 0, 1, 2, ... as a page has indices into a dictionary: their width, then one run of packed bits. */
function packedIndices(count: number): Uint8Array[] {
  const width = count < 2 ? 0 : bitWidth(count - 1);
  const indices = Array.from({ length: count }, (_, index) => index);
  return [Uint8Array.of(width), ...(width === 0 ? [] : [packedRun(indices, width)])];
}

/** The bit-packed run of Parquet's hybrid encoding, lowest bit first, padded to eight values. */
function packedRun(values: ArrayLike<number>, width: number): Uint8Array {
  const groups = Math.ceil(values.length / 8);
  const head: number[] = [];
  let count = groups * 2 + 1;
  for (; count > 0x7f; count >>>= 7) head.push((count & 0x7f) | 0x80);
  head.push(count);
  const run = new Uint8Array(head.length + groups * width);
  run.set(head);
  for (let index = 0; index < values.length; index += 1)
    for (let bit = 0; bit < width; bit += 1)
      if ((((values[index] ?? 0) >> bit) & 1) === 1) {
        const at = index * width + bit;
        const byte = head.length + (at >> 3);
        run[byte] = (run[byte] ?? 0) | (1 << (at & 7));
      }
  return run;
}

function bitWidth(level: number): number {
  return 32 - Math.clz32(level);
}
