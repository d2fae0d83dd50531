import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { runCommand } from "./run-command.ts";

/**
 * Rows of one image and its turns, as The Cauldron has them, in one row group of DuckDB's. No two images are the same bytes, so that
 * none becomes a word of a dictionary. Written by a process of its own: what DuckDB holds must not count as ours.
 */
export async function writeCauldronParquet(
  file: string,
  pictures: readonly Uint8Array[],
  { rows, turns }: { readonly rows: number; readonly turns: number },
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "shardmill-pictures-"));
  try {
    for (const [index, bytes] of pictures.entries()) await writeFile(join(folder, `${index}.bin`), bytes);
    const main = fileURLToPath(new URL("../dist/write-cauldron-parquet.js", import.meta.url));
    await runCommand(process.execPath, [main, file, folder, ...[pictures.length, rows, turns].map(String)]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function copyRows(
  file: string,
  folder: string,
  [pictures = 0, rows = 0, turns = 0]: number[],
): Promise<void> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run("SET threads = 1");
  const names = Array.from({ length: pictures }, (_, index) => `'${join(folder, `${index}.bin`)}'`);
  await connection.run(`CREATE TABLE pictures AS
    SELECT regexp_extract(filename, '(\\d+)\\.bin$', 1)::INTEGER AS number, content FROM read_blob([${names}])`);
  await connection.run(`COPY (
    SELECT [{'bytes': content || encode(' ' || i), 'path': NULL::VARCHAR}] AS images,
      [{'user': 'What is shown at place ' || turn || '?', 'assistant': 'Noise, number ' || i || '.', 'source': 'bench'}
        for turn in range(${turns})] AS texts
    FROM range(${rows}) t(i) JOIN pictures ON number = i % ${pictures} ORDER BY i
  ) TO '${file}' (FORMAT parquet, COMPRESSION snappy)`);
  connection.closeSync();
  instance.closeSync();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file = "", folder = "", ...numbers] = process.argv.slice(2);
  await copyRows(file, folder, numbers.map(Number));
}
