import { type ByteSource, Failure, type StreamedMember } from "@shardmill/core";
import { type DecodedArray, parquetSchema, type SchemaTree } from "hyparquet";
import type { StreamOptions } from "../members/stream-options.ts";
import { assembleNested, DEFAULT_PARSERS } from "./hyparquet-internals.ts";
import { openParquetLeaves } from "./open-parquet-leaves.ts";
import { decoding, parquetMalformed } from "./parquet-failure.ts";
import type { ParquetLeaf } from "./parquet-leaf.ts";
import { parquetMember, type RowOptions } from "./parquet-member.ts";
import { planParquetGroup } from "./plan-parquet-group.ts";
import type { ParquetLayout, ParquetRowGroup } from "./read-parquet-layout.ts";

export interface ParquetStreamOptions extends StreamOptions, RowOptions {
  /** Inclusive. */
  readonly firstRow: number;
  /** Inclusive. */
  readonly lastRow: number;
  /** Top-level columns to read; without it, all. The images' column is always read. */
  readonly columns?: readonly string[] | undefined;
}

/** Rows handed from decoding to assembly at once. */
const batchRows = 64;

/**
 * Streams rows in order. A row group's columns are fetched once each; columns of large groups are read page by page, so
 * memory holds about one page of each (and of those in flight), however large the group is.
 */
export async function* streamParquetRows(
  source: ByteSource,
  layout: ParquetLayout,
  options: ParquetStreamOptions,
  signal: AbortSignal,
): AsyncGenerator<StreamedMember> {
  const columns = wantedColumns(source, layout, options);
  for (const [index, group] of layout.rowGroups.entries()) {
    const first = Math.max(0, options.firstRow - group.firstRow);
    const end = Math.min(group.rows, options.lastRow + 1 - group.firstRow);
    if (first < end)
      yield* streamGroup({ source, layout, columns, options, signal }, { index, group, first, end });
  }
}

function wantedColumns(
  source: ByteSource,
  layout: ParquetLayout,
  options: ParquetStreamOptions,
): Set<string> {
  const { columns, imagesField, videoField } = options;
  const media = [imagesField, videoField ?? null].filter((column) => column !== null);
  const wanted = new Set([...(columns ?? layout.columns), ...media]);
  for (const column of wanted)
    if (!layout.columns.includes(column))
      throw parquetMalformed(source, `no column ${column}; it has ${layout.columns.join(", ")}`);
  return wanted;
}

interface GroupSlice {
  readonly index: number;
  readonly group: ParquetRowGroup;
  /** Rows within the group, [first, end). */
  readonly first: number;
  readonly end: number;
}

/** A file whose rows are streamed. */
interface RowStream {
  readonly source: ByteSource;
  readonly layout: ParquetLayout;
  readonly columns: ReadonlySet<string>;
  readonly options: ParquetStreamOptions;
  readonly signal: AbortSignal;
}

async function* streamGroup(
  { source, layout, columns, options, signal }: RowStream,
  { index, group, first, end }: GroupSlice,
): AsyncGenerator<StreamedMember> {
  const rowGroup = layout.footer.row_groups[index];
  if (rowGroup === undefined)
    throw new Failure("archive_malformed", `row group ${index} is not in the footer`);
  const plan = planParquetGroup(rowGroup, columns);
  const rows = { first, end, groupRows: group.rows };
  const { footer } = layout;
  const leaves = await openParquetLeaves({ source, footer, rows, onBytes: options.onBytes, signal }, plan);
  const fields = parquetSchema(layout.footer).children.filter((child) => columns.has(child.element.name));
  try {
    for (let row = first; row < end; ) {
      signal.throwIfAborted();
      for (const leaf of leaves) await leaf.reach(row);
      const count = Math.min(end - row, batchRows, ...leaves.map((leaf) => leaf.end - row));
      const values = decoding(source, "rows cannot be assembled", () => assemble(fields, leaves, count));
      for (let at = 0; at < count; at++) {
        const number = group.firstRow + row + at;
        yield parquetMember(number, rowOf(values, at), options);
      }
      row += count;
    }
    if (end === group.rows) for (const leaf of leaves) await leaf.finish(group.rows);
  } finally {
    for (const leaf of leaves) await leaf.close();
  }
}

/** The next rows of every top-level column, put together from its physical columns. */
function assemble(
  fields: readonly SchemaTree[],
  leaves: readonly ParquetLeaf[],
  count: number,
): Map<string, DecodedArray> {
  const parts = new Map<string, DecodedArray>(leaves.map((leaf) => [leaf.name, leaf.take(count)]));
  const values = new Map<string, DecodedArray>();
  for (const field of fields) {
    if (field.children.length > 0) assembleNested(parts, field, DEFAULT_PARSERS);
    const column = parts.get(field.path.join("."));
    if (column === undefined || column.length !== count)
      throw new Error(`column ${field.element.name}: expected ${count} values, found ${column?.length}`);
    values.set(field.element.name, column);
  }
  return values;
}

function rowOf(values: ReadonlyMap<string, DecodedArray>, at: number): Record<string, unknown> {
  return Object.fromEntries(Array.from(values, ([name, column]) => [name, column[at]]));
}
