import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type * as ParquetWasm from "parquet-wasm";

const parquetWasm: typeof ParquetWasm = createRequire(import.meta.url)("parquet-wasm");

/** A parquet file as DuckDB writes it: `select` is any query, `options` those of COPY. */
export async function duckdbParquet(select: string, options: string): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), "shardmill-parquet-"));
  try {
    const path = join(folder, "file.parquet");
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    await connection.run("SET threads = 1; SET preserve_insertion_order = true");
    await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet, ${options})`);
    connection.closeSync();
    instance.closeSync();
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface RewriteOptions {
  readonly compression: "UNCOMPRESSED" | "SNAPPY" | "GZIP" | "BROTLI" | "ZSTD" | "LZ4_RAW";
  readonly rowsPerGroup?: number;
  /** Values rather than rows, where rows are lists: so rows go on from page to page. */
  readonly rowsPerPage?: number;
  readonly dictionary?: boolean;
  readonly isVersion2?: boolean;
}

/** The same rows as parquet-wasm (arrow-rs) writes them. */
export function rewriteParquet(file: Uint8Array, options: RewriteOptions): Buffer {
  const { Compression, Table, WriterPropertiesBuilder, WriterVersion, readParquet, writeParquet } =
    parquetWasm;
  const table = Table.fromIPCStream(readParquet(file).intoIPCStream());
  const properties = new WriterPropertiesBuilder()
    .setCompression(Compression[options.compression])
    .setMaxRowGroupSize(options.rowsPerGroup ?? 1_000_000)
    .setDataPageSizeLimit(options.rowsPerPage === undefined ? 1_048_576 : 1)
    .setWriteBatchSize(options.rowsPerPage ?? 1024)
    .setDictionaryEnabled(options.dictionary ?? true)
    .setWriterVersion(options.isVersion2 === true ? WriterVersion.V2 : WriterVersion.V1)
    .build();
  return Buffer.from(writeParquet(table, properties));
}

/** Rows of the shape of The Cauldron, with other types beside. Row i has i % 4 images, and i % 7 = 3 has one without bytes. */
export function cauldronRows(rows: number, imageRepeats: number): string {
  return `SELECT
    list_transform(range(i % 4), lambda k: {
      'bytes': CASE WHEN i % 7 = 3 AND k = 0 THEN NULL ELSE unhex(repeat(md5((i * 10 + k)::VARCHAR), ${imageRepeats})) END,
      'path': CASE WHEN i % 2 = 0 THEN NULL ELSE '/fsx/secret/' || i || '.png' END
    }) AS images,
    list_transform(range(1 + i % 3), lambda k: {
      'user': 'question ' || i || '.' || k, 'assistant': 'ja, größer als ' || k, 'source': 'AI2D'
    }) AS texts,
    i::BIGINT AS number,
    TIMESTAMP '2024-01-02 03:04:05' AS moment,
    CASE WHEN i % 3 = 0 THEN NULL ELSE 'note ' || (i % 5) END AS note
    FROM range(${rows}) t(i)`;
}

export function cauldronImage(row: number, image: number, imageRepeats: number): Buffer {
  const hash = createHash("md5")
    .update(String(row * 10 + image))
    .digest();
  return Buffer.concat(Array.from({ length: imageRepeats }, () => hash));
}
