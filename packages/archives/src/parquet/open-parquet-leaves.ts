import { type ByteRange, type ByteSource, readAll } from "@shardmill/core";
import { type FileMetaData, parquetSchema } from "hyparquet";
import { ByteCursor } from "../bytes/byte-cursor.ts";
import { countedRead } from "../bytes/counted-read.ts";
import { exactColumn } from "./exact-column.ts";
import { type ColumnDecoder, getTreePath, readOffsetIndex } from "./hyparquet-internals.ts";
import { parquetCodecs } from "./parquet-codecs.ts";
import { decoding, parquetMalformed } from "./parquet-failure.ts";
import { ParquetLeaf } from "./parquet-leaf.ts";
import type { ChunkPlan, GroupPlan } from "./plan-parquet-group.ts";

interface GroupRows {
  /** Rows within the group, [first, end). */
  readonly first: number;
  readonly end: number;
  readonly groupRows: number;
}

/** Where the columns of a row group are read. */
export interface GroupReading {
  readonly source: ByteSource;
  readonly footer: FileMetaData;
  readonly rows: GroupRows;
  readonly onBytes?: ((bytes: number) => void) | undefined;
  readonly signal: AbortSignal;
}

/** Fetches or opens a row group's columns as planned. */
export async function openParquetLeaves(reading: GroupReading, plan: GroupPlan): Promise<ParquetLeaf[]> {
  const { source, footer, onBytes, signal } = reading;
  const leaves: ParquetLeaf[] = [];
  const open = (chunk: ChunkPlan, cursor: ByteCursor, firstRow: number): void => {
    const decoder = decoding(source, "a column has no place in the schema", () => decoderOf(footer, chunk));
    leaves.push(new ParquetLeaf({ source, decoder, cursor, firstRow }));
  };
  for (const run of plan.fetched) {
    const bytes = await readAll(source, run, signal);
    onBytes?.(bytes.length);
    for (const chunk of run.chunks)
      open(chunk, new ByteCursor(once(bytes.subarray(chunk.start - run.start, chunk.end - run.start))), 0);
  }
  for (const chunk of plan.streamed) {
    const { ranges, firstRow } = await rangesOf(reading, chunk);
    open(chunk, new ByteCursor(inOrder(source, ranges, onBytes, signal)), firstRow);
  }
  return leaves;
}

function decoderOf(footer: FileMetaData, { meta }: ChunkPlan): ColumnDecoder {
  const schemaPath = getTreePath(parquetSchema(footer), meta.path_in_schema);
  const element = schemaPath.at(-1)?.element;
  if (element === undefined) throw new Error("empty path");
  return {
    pathInSchema: meta.path_in_schema,
    type: meta.type,
    ...exactColumn(element),
    schemaPath,
    codec: meta.codec,
    compressors: parquetCodecs,
    // Bytes stay bytes unless the schema calls them text.
    utf8: false,
  };
}

/** With an offset index, pages outside of the wanted rows are not fetched; the dictionary page always is. */
async function rangesOf(
  { source, rows, onBytes, signal }: GroupReading,
  chunk: ChunkPlan,
): Promise<{ ranges: ByteRange[]; firstRow: number }> {
  const whole = { ranges: [{ start: chunk.start, end: chunk.end }], firstRow: 0 };
  const isWhole = rows.first === 0 && rows.end === rows.groupRows;
  if (isWhole || chunk.offsetIndex === null || chunk.offsetIndex.end > source.sizeBytes) return whole;
  const bytes = await readAll(source, chunk.offsetIndex, signal);
  onBytes?.(bytes.length);
  const pages = decoding(source, "an offset index cannot be read", () =>
    readOffsetIndex({
      view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
      offset: 0,
    }).page_locations.map((page) => ({
      start: Number(page.offset),
      bytes: page.compressed_page_size,
      row: Number(page.first_row_index),
    })),
  );
  const first = pages.findLast((page) => page.row <= rows.first);
  const last = pages.findLast((page) => page.row < rows.end);
  const dictionaryEnd = pages[0]?.start;
  if (first === undefined || last === undefined || dictionaryEnd === undefined) return whole;
  const data = { start: first.start, end: last.start + last.bytes };
  if (
    dictionaryEnd < chunk.start ||
    data.start < chunk.start ||
    data.end > chunk.end ||
    data.start > data.end
  )
    throw parquetMalformed(
      source,
      `the offset index of ${chunk.meta.path_in_schema.join(".")} leaves its column`,
    );
  const dictionary = { start: chunk.start, end: dictionaryEnd };
  const ranges = dictionary.end === data.start ? [{ start: chunk.start, end: data.end }] : [dictionary, data];
  return { ranges: ranges.filter((range) => range.end > range.start), firstRow: first.row };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* inOrder(
  source: ByteSource,
  ranges: readonly ByteRange[],
  onBytes: ((bytes: number) => void) | undefined,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (const range of ranges) yield* countedRead(source, range, onBytes, signal);
}
