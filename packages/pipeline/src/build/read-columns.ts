import { streamTable } from "@shardmill/annotations";
import { readParquetLayout } from "@shardmill/archives";
import {
  type ByteSource,
  Failure,
  type FileIdentity,
  type RecordFormat,
  readAll,
  type Source,
  tableFormatOf,
} from "@shardmill/core";

/** Tables that are looked into at most, and of each no more than its beginning (of parquet its footer). */
const maxTables = 16;
const headBytes = 4 * 1024 * 1024;
const cocoHeadBytes = 64 * 1024;

/**
 * Columns, or the first record's fields, of the tables of a listing, by path. Of tables whose names differ only in numbers
 * one is looked into: they are a series. One that cannot be read has none.
 */
export async function readColumns(
  source: Source,
  files: readonly FileIdentity[],
  signal: AbortSignal,
): Promise<Record<string, readonly string[]>> {
  const found: Record<string, readonly string[]> = {};
  for (const file of candidatesOf(files)) found[file.path] = await columnsOf(source.open(file), file, signal);
  return found;
}

function candidatesOf(files: readonly FileIdentity[]): FileIdentity[] {
  const series = new Map<string, FileIdentity>();
  for (const file of files.toSorted((a, b) => b.sizeBytes - a.sizeBytes)) {
    if (tableFormatOf(file.path) === null) continue;
    const shape = file.path.replace(/[0-9a-f]{16}/g, "#").replace(/\d+/g, "#");
    if (!series.has(shape)) series.set(shape, file);
  }
  return [...series.values()].slice(0, maxTables);
}

async function columnsOf(
  source: ByteSource,
  file: FileIdentity,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const format = tableFormatOf(file.path) ?? "json";
  try {
    if (format === "parquet") return (await readParquetLayout(source, signal, [])).columns;
    if (format === "json" && (await isCoco(source, signal)))
      return await firstFields(source, file, "coco", signal);
    const head = { ...source, sizeBytes: Math.min(source.sizeBytes, headBytes) };
    return await firstFields(head, file, format, signal);
  } catch (error) {
    // No table, or one whose first record is larger than anyone looks.
    if (error instanceof Failure && ["annotations_invalid", "archive_malformed"].includes(error.code))
      return [];
    throw error;
  }
}

async function firstFields(
  source: ByteSource,
  file: FileIdentity,
  format: RecordFormat,
  signal: AbortSignal,
): Promise<readonly string[]> {
  for await (const row of streamTable({ file, source, format, required: [] }, signal))
    if (row.kind === "record") return Object.keys(row.fields);
  return [];
}

/** An object that has a list of images or annotations among its first keys; such a file is read whole, as a build does. */
async function isCoco(source: ByteSource, signal: AbortSignal): Promise<boolean> {
  const end = Math.min(source.sizeBytes, cocoHeadBytes);
  const head = Buffer.from(await readAll(source, { start: 0, end }, signal)).toString("utf8");
  return /^\ufeff?\s*\{/.test(head) && /"(images|annotations)"\s*:\s*\[/.test(head);
}
