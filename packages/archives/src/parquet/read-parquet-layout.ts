import { createHash } from "node:crypto";
import { type ByteSource, type Failure, readAll } from "@shardmill/core";
import { type FileMetaData, parquetMetadata, parquetSchema, type SchemaTree } from "hyparquet";
import { archiveHeadBytes, contentName } from "../members/sniff-archive.ts";
import { getMaxRepetitionLevel, getTreePath } from "./hyparquet-internals.ts";
import { decoding, parquetMalformed } from "./parquet-failure.ts";

export interface ParquetRowGroup {
  readonly firstRow: number;
  readonly rows: number;
  /** Span of those of the group's column chunks that are read. */
  readonly startByte: number;
  readonly endByte: number;
}

export interface ParquetLayout {
  readonly rows: number;
  readonly rowGroups: readonly ParquetRowGroup[];
  /** Top-level columns. */
  readonly columns: readonly string[];
  /** sha256 of the footer. */
  readonly footerHash: string;
  /** The footer as hyparquet reads it; what streamParquetRows goes by. */
  readonly footer: FileMetaData;
}

const tailBytes = 64 * 1024;
const maxFooterBytes = 256 * 1024 * 1024;

/**
 * Reads a parquet file's footer, in one request or two, and checks that its figures agree with each other, of the columns
 * that will be read (without a list: of all). What nobody reads may be encrypted, of an unknown type, or not in the file.
 */
export async function readParquetLayout(
  source: ByteSource,
  signal: AbortSignal,
  columns: readonly string[] | null = null,
): Promise<ParquetLayout> {
  const footerBytes = await readFooter(source, signal);
  const footer = decoding(source, "the footer cannot be read", () =>
    parquetMetadata(new Uint8Array(footerBytes), { geoparquet: false }),
  );
  const footerStart = source.sizeBytes - footerBytes.length;
  const { tree, rowGroups, rows } = decoding(source, "the footer contradicts itself", () =>
    checked(footer, footerStart, columns === null ? null : new Set(columns)),
  );
  return {
    rows,
    rowGroups,
    columns: tree.children.map((child) => child.element.name),
    footerHash: createHash("sha256").update(footerBytes).digest("hex"),
    footer,
  };
}

async function readFooter(source: ByteSource, signal: AbortSignal): Promise<Buffer> {
  const tailStart = Math.max(0, source.sizeBytes - tailBytes);
  const tail = Buffer.from(await readAll(source, { start: tailStart, end: source.sizeBytes }, signal));
  if (tail.length < 12 || tail.toString("latin1", tail.length - 4) !== "PAR1")
    throw await noParquet(source, tail, signal);
  const length = tail.readUInt32LE(tail.length - 8) + 8;
  if (length + 4 > source.sizeBytes || length > maxFooterBytes)
    throw parquetMalformed(source, `a footer of ${length} bytes in a file of ${source.sizeBytes}`);
  if (length <= tail.length) return tail.subarray(tail.length - length);
  const range = { start: source.sizeBytes - length, end: tailStart };
  return Buffer.concat([await readAll(source, range, signal), tail]);
}

async function noParquet(source: ByteSource, tail: Buffer, signal: AbortSignal): Promise<Failure> {
  if (tail.toString("latin1", tail.length - 4) === "PARE")
    return parquetMalformed(source, "its footer is encrypted");
  const end = Math.min(archiveHeadBytes, source.sizeBytes);
  const head = await readAll(source, { start: 0, end }, signal);
  const found = contentName(head);
  return parquetMalformed(
    source,
    found === null || found.includes("parquet")
      ? "no PAR1 at the end: this is no parquet file, or its end is missing"
      : `this is no parquet file but ${found}`,
  );
}

/** Throws with a plain message where figures disagree. */
function checked(
  footer: FileMetaData,
  footerStart: number,
  wanted: ReadonlySet<string> | null,
): { tree: SchemaTree; rowGroups: ParquetRowGroup[]; rows: number } {
  const tree = parquetSchema(footer);
  const rowGroups: ParquetRowGroup[] = [];
  let rows = 0;
  for (const [index, group] of footer.row_groups.entries()) {
    const groupRows = count(group.num_rows, `rows of group ${index}`);
    // Writers put anything into the figures of a group without rows.
    const chunks = groupRows === 0 ? [] : wantedChunks(footer, group, index, wanted);
    const spans = chunks.map((meta) => {
      const { start, end } = chunkRange(meta);
      if (start < 4 || end > footerStart)
        throw new Error(`bytes ${start} to ${end} of group ${index} are not in the file`);
      const values = count(meta.num_values, "values of a column");
      const isRepeated = getMaxRepetitionLevel(getTreePath(tree, meta.path_in_schema)) > 0;
      if (isRepeated ? values < groupRows : values !== groupRows)
        throw new Error(
          `group ${index} has ${groupRows} rows, but ${values} values of ${meta.path_in_schema.join(".")}`,
        );
      return { start, end };
    });
    const startByte = Math.min(footerStart, ...spans.map((span) => span.start));
    const endByte = Math.max(startByte, ...spans.map((span) => span.end));
    rowGroups.push({ firstRow: rows, rows: groupRows, startByte, endByte });
    rows += groupRows;
  }
  const stated = count(footer.num_rows, "rows of the file");
  if (stated !== rows) throw new Error(`the file states ${stated} rows, its groups have ${rows}`);
  return { tree, rowGroups, rows };
}

type RowGroup = FileMetaData["row_groups"][number];
type ChunkMeta = NonNullable<RowGroup["columns"][number]["meta_data"]>;

function wantedChunks(
  { schema }: FileMetaData,
  group: RowGroup,
  index: number,
  wanted: ReadonlySet<string> | null,
): ChunkMeta[] {
  // Chunks stand in the order of the schema's leaves, whose names are known even where a chunk's own are encrypted.
  const names = leafColumns(schema);
  return group.columns.flatMap((chunk, at) => {
    const meta = chunk.meta_data;
    const name = meta?.path_in_schema[0] ?? names[at] ?? "";
    if (wanted !== null && !wanted.has(name)) return [];
    if (meta === undefined || chunk.crypto_metadata !== undefined)
      throw new Error(`column ${name} of group ${index} is encrypted`);
    if (chunk.file_path) throw new Error(`group ${index} keeps column ${name} in another file`);
    return [meta];
  });
}

/** The top-level column of each leaf, in order. */
function leafColumns(schema: FileMetaData["schema"]): string[] {
  const names: string[] = [];
  const left: number[] = [];
  let top = "";
  for (const { name, num_children: children } of schema.slice(1)) {
    while (left.length > 0 && left.at(-1) === 0) left.pop();
    if (left.length === 0) top = name;
    else left.push((left.pop() ?? 1) - 1);
    if ((children ?? 0) > 0) left.push(children ?? 0);
    else names.push(top);
  }
  return names;
}

/** Where a column chunk lies. A dictionary page, where there is one, comes first. */
export function chunkRange(meta: {
  readonly dictionary_page_offset?: bigint | undefined;
  readonly data_page_offset: bigint;
  readonly total_compressed_size: bigint;
}): { start: number; end: number } {
  const dictionary = meta.dictionary_page_offset ?? 0n;
  const start = count(
    dictionary > 0n && dictionary < meta.data_page_offset ? dictionary : meta.data_page_offset,
    "an offset",
  );
  return { start, end: start + count(meta.total_compressed_size, "bytes of a column") };
}

function count(value: bigint | undefined, what: string): number {
  const number = Number(value ?? Number.NaN);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new Error(`${what}: expected a count, found ${value}`);
  return number;
}
