import { mkdir, open, rename, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import {
  type AnnotationFileFound,
  type ByteSource,
  type Dataset,
  Failure,
  hashOf,
  RemarkBook,
} from "@shardmill/core";
import { outputFailure, temporaryName } from "@shardmill/store";
import type { AnnotationIndex } from "./annotation-index.ts";
import { checkReadColumns, type ReadColumns } from "./check-read-columns.ts";
import { importTable } from "./import-table.ts";
import { indexVersion, mediaTable, oneSpelling, rawTable, remarkTable } from "./index-schema.ts";
import { indexFile, openAnnotationIndex } from "./open-annotation-index.ts";
import { openDatabase, withConnection } from "./open-database.ts";
import type { TableAudit } from "./table-audit.ts";

interface AnnotationFileInput {
  readonly found: AnnotationFileFound;
  readonly source: ByteSource;
  /** What fixes its content: `sha256:...` or `oid:...`. */
  readonly content: string;
}

export interface BuildIndexInput {
  readonly dataset: Dataset;
  /** In the catalogue's order, which decides what is first. */
  readonly files: readonly AnnotationFileInput[];
  /** Absolute folder on a local disk. */
  readonly dir: string;
  /** Columns that samples are made of. Without it nothing of them is checked, and of a parquet file all are kept. */
  readonly reads?: ReadColumns;
  /** Asked once all files have been read, before the index is published: throws where they changed meanwhile. */
  readonly mustBeUnchanged?: (signal: AbortSignal) => Promise<void>;
  /** DuckDB's own memory; 256 unless given. The process needs about 400 MB besides. */
  readonly memoryLimitMb?: number;
  /** Bytes of the files that have been read, of all there are. */
  readonly onProgress?: (bytes: number, ofBytes: number) => void;
}

type FilesRule = Extract<Dataset["annotations"], { kind: "files" }>;

/** An index that is being made. */
interface IndexWork {
  readonly input: BuildIndexInput;
  readonly rule: FilesRule;
  readonly id: string;
  readonly signal: AbortSignal;
}

/**
 * Reads the annotation files once into one database file, named by their identity and published by rename. An index
 * that is there already is opened instead. A part's plan then asks for some thousand names, not for a million records.
 */
export async function buildAnnotationIndex(
  input: BuildIndexInput,
  signal: AbortSignal,
): Promise<AnnotationIndex> {
  const rule = input.dataset.annotations;
  if (rule.kind !== "files" || input.files.length === 0)
    throw new Failure(
      "annotations_invalid",
      "the source has none of the annotation files the catalogue names",
      {
        where: { dataset: input.dataset.name },
      },
    );
  signal.throwIfAborted();
  const id = indexId(input, rule);
  const ready = await readyIndex(input.dir, id);
  if (ready !== null) return ready;
  await makeIndex({ input, rule, id, signal });
  const made = await openAnnotationIndex(input.dir, id);
  if (made === null) throw new Error(`the annotation index ${id} is gone right after it was made`);
  return made;
}

/** An index that cannot be read is as good as none: it can be made again. */
async function readyIndex(dir: string, id: string): Promise<AnnotationIndex | null> {
  try {
    return await openAnnotationIndex(dir, id);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "record_invalid") throw error;
    return null;
  }
}

function progressOf({ files, onProgress }: BuildIndexInput): (bytes: number) => void {
  const ofBytes = files.reduce((sum, { source }) => sum + source.sizeBytes, 0);
  let bytes = 0;
  return (more) => {
    bytes += more;
    onProgress?.(bytes, ofBytes);
  };
}

function indexId({ files, reads }: BuildIndexInput, { maxBadRecords: _, ...rule }: FilesRule): string {
  const identities = files.map(({ found: { subset, set, format, file }, content }) => ({
    subset,
    set,
    format,
    sizeBytes: file.sizeBytes,
    content,
  }));
  return hashOf({ version: indexVersion, rule, files: identities, reads });
}

async function makeIndex(work: IndexWork): Promise<void> {
  const { input, id, signal } = work;
  const folder = join(input.dir, temporaryName("annotations"));
  try {
    await mkdir(folder, { recursive: true });
    await fillDatabase(work, folder);
    await sync(join(folder, "index"));
    await input.mustBeUnchanged?.(signal);
    signal.throwIfAborted();
    await rename(join(folder, "index"), indexFile(input.dir, id));
  } catch (error) {
    signal.throwIfAborted();
    throw (
      (await fullDisk(input.dir, error)) ??
      outputFailure(error, "making the annotation index in", "annotations")
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fillDatabase(work: IndexWork, folder: string): Promise<void> {
  const { input, rule, id, signal } = work;
  const memoryLimitMb = input.memoryLimitMb ?? 256;
  const database = await openDatabase(join(folder, "index"), { isReadOnly: false, memoryLimitMb });
  try {
    await withConnection(database, signal, async (connection) => {
      await connection.run(rawTable);
      // One transaction: committing flush by flush writes every row twice and rewrites the last group each time.
      await connection.run("BEGIN");
      await fillRaw(connection, work);
      await connection.run(oneSpelling);
      await connection.run("COMMIT");
      await connection.run(mediaTable(rule.match));
      await connection.run("CREATE TABLE meta AS SELECT $1 AS id, $2 AS match, $3 AS duplicates", [
        id,
        rule.match.join(","),
        rule.duplicates,
      ]);
      await connection.run("CHECKPOINT");
    });
  } finally {
    database.close();
  }
}

/** The files in their order, and what is to be said of them. */
async function fillRaw(connection: DuckDBConnection, { input, rule, signal }: IndexWork): Promise<void> {
  const { files, reads } = input;
  const { key, required, maxBadRecords } = rule;
  const onBytes = progressOf(input);
  const remarks = new RemarkBook();
  const audits: TableAudit[] = [];
  const columns = reads?.all;
  const numbers = Object.entries(reads?.fields ?? {}).flatMap(([name, type]) =>
    type === "string" ? [] : [name],
  );
  for (const { found, source } of files) {
    const file = { found, source, key, required, columns, numbers, maxBadRecords, onBytes };
    audits.push(await importTable(connection, file, remarks, signal));
  }
  if (reads !== undefined) checkReadColumns(reads, audits, remarks);
  await connection.run(remarkTable);
  for (const { code, detail, count } of remarks.list())
    await connection.run("INSERT INTO remark VALUES ($1, $2, $3)", [code, detail, BigInt(count)]);
}

/** DuckDB tells a full disk only in words; how much space is left is a fact. */
async function fullDisk(dir: string, error: unknown): Promise<Failure | null> {
  if (error instanceof Failure) return null;
  const space = await statfs(dir).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => Number.POSITIVE_INFINITY,
  );
  if (space > 64 * 1024 * 1024) return null;
  return new Failure("output_full", "there is no space for the annotation index", { cause: error });
}

async function sync(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
