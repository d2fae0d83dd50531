import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AnnotationFileFound,
  type ByteSource,
  type Dataset,
  datasetSchema,
  Failure,
} from "@shardmill/core";
import { afterEach, beforeEach, expect } from "vitest";
import { type AnnotationIndex, buildAnnotationIndex, type ReadColumns } from "../src/index.ts";

export const signal = new AbortController().signal;

export type Rule = Partial<Extract<Dataset["annotations"], { kind: "files" }>>;

export function datasetWith(rule: Rule): Dataset {
  return datasetSchema.parse({
    name: "some-set",
    title: "Some set",
    keyPrefix: "some",
    sourceName: "some",
    license: "MIT",
    source: { kind: "folder" },
    parts: [{ archive: "zip", path: "part{part}.zip" }],
    media: "video",
    annotations: { kind: "files", files: [{ path: "x.csv", format: "csv" }], key: "video", ...rule },
    text: { adapter: "caption" },
  });
}

export interface Reads {
  count: number;
}

/** Chunks of a few odd bytes, so that every boundary is met somewhere. */
function bytesSource(bytes: Uint8Array, chunkBytes = 7, reads: Reads = { count: 0 }): ByteSource {
  return {
    sizeBytes: bytes.length,
    name: "test",
    async *read({ start, end }) {
      reads.count += 1;
      for (let at = start; at < end; at += chunkBytes)
        yield bytes.subarray(at, Math.min(end, at + chunkBytes));
    },
  };
}

export interface TestFile {
  readonly text: string | Uint8Array;
  readonly path?: string;
  readonly set?: string;
  readonly subset?: string | null;
  readonly format?: AnnotationFileFound["format"];
  readonly sha256?: string | null;
  readonly chunkBytes?: number;
  readonly reads?: Reads;
}

export function fileOf(file: TestFile): { found: AnnotationFileFound; source: ByteSource; content: string } {
  const bytes = typeof file.text === "string" ? new TextEncoder().encode(file.text) : file.text;
  return {
    content: `sha256:${file.sha256 ?? createHash("sha256").update(bytes).digest("hex")}`,
    found: {
      file: { path: file.path ?? "x.csv", sizeBytes: bytes.length, sha256: file.sha256 ?? null, oid: null },
      subset: file.subset ?? null,
      set: file.set ?? "records",
      format: file.format ?? "csv",
    },
    source: bytesSource(bytes, file.chunkBytes, file.reads),
  };
}

export interface IndexWorkshop {
  /** Where this test's indexes are made. */
  readonly dir: string;
  /** Makes an index; it is closed after the test. */
  indexOf(rule: Rule, ...files: TestFile[]): Promise<AnnotationIndex>;
  /** The same, for a dataset whose samples are made of these columns. */
  indexReading(reads: ReadColumns, rule: Rule, ...files: TestFile[]): Promise<AnnotationIndex>;
  /** Closes what is open before the test ends. */
  closeAll(): void;
}

/** A folder of its own for each test of the calling file. */
export function indexWorkshop(): IndexWorkshop {
  let dir = "";
  const open: AnnotationIndex[] = [];
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "shardmill-annotations-"));
  });
  const closeAll = (): void => {
    for (const index of open.splice(0)) index.close();
  };
  afterEach(async () => {
    closeAll();
    await rm(dir, { recursive: true, force: true });
  });
  const make = async (reads: ReadColumns | null, rule: Rule, files: readonly TestFile[]) => {
    const input = { dataset: datasetWith(rule), files: files.map(fileOf), dir };
    const index = await buildAnnotationIndex({ ...input, ...(reads !== null && { reads }) }, signal);
    open.push(index);
    return index;
  };
  return {
    get dir() {
      return dir;
    },
    closeAll,
    indexOf: (rule, ...files) => make(null, rule, files),
    indexReading: (reads, rule, ...files) => make(reads, rule, files),
  };
}

export async function captionsOf(
  index: AnnotationIndex,
  names: string[],
  subset: string | null = null,
): Promise<unknown[]> {
  const answers = await index.lookup(
    names.map((name) => ({ subset, name })),
    signal,
  );
  return answers.map((answer) =>
    answer === "ambiguous" ? answer : answer.map(({ fields }) => fields.caption ?? fields.n),
  );
}

export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.then(
    () => null,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(Failure);
  if (!(error instanceof Failure)) throw new Error("no failure");
  return error;
}
