import type { FileMetaData } from "hyparquet";
import { planRuns } from "../bytes/plan-runs.ts";
import { chunkRange } from "./read-parquet-layout.ts";

type RowGroup = FileMetaData["row_groups"][number];
type ColumnMeta = NonNullable<RowGroup["columns"][number]["meta_data"]>;

export interface ChunkPlan {
  readonly meta: ColumnMeta;
  readonly start: number;
  readonly end: number;
  readonly offsetIndex: { readonly start: number; readonly end: number } | null;
}

export interface GroupPlan {
  /** Read whole into memory, each in one request. */
  readonly fetched: readonly {
    readonly start: number;
    readonly end: number;
    readonly chunks: readonly ChunkPlan[];
  }[];
  /** Too large for that: streamed, each by a request of its own. */
  readonly streamed: readonly ChunkPlan[];
}

/** A whole group up to this size is read into memory in one go. */
const smallGroupBytes = 32 * 1024 * 1024;
/** In a larger group, a column chunk above this is streamed. */
const largeChunkBytes = 8 * 1024 * 1024;
/** Columns that nobody wants are read over only where that costs less than a request of its own. */
const gapBytes = 64 * 1024;

/** Decides how a row group's wanted columns are fetched, each byte once. Plain data, no I/O. */
export function planParquetGroup(group: RowGroup, columns: ReadonlySet<string>): GroupPlan {
  const chunks: ChunkPlan[] = [];
  for (const column of group.columns) {
    const meta = column.meta_data;
    if (meta === undefined || !columns.has(meta.path_in_schema[0] ?? "")) continue;
    const at = Number(column.offset_index_offset ?? 0);
    const length = column.offset_index_length ?? 0;
    const offsetIndex = at > 0 && length > 0 ? { start: at, end: at + length } : null;
    chunks.push({ meta, ...chunkRange(meta), offsetIndex });
  }
  const total = chunks.reduce((sum, chunk) => sum + chunk.end - chunk.start, 0);
  const isLarge = (chunk: ChunkPlan): boolean =>
    total > smallGroupBytes && chunk.end - chunk.start > largeChunkBytes;
  const small = chunks.filter((chunk) => !isLarge(chunk));
  const fetched = planRuns(small, gapBytes).map(({ start, end, spans }) => ({
    start,
    end,
    chunks: spans.map(({ index }) => small[index]).filter((chunk) => chunk !== undefined),
  }));
  return { fetched, streamed: chunks.filter(isLarge) };
}
