import { setMaxListeners } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readParquetLayout, streamParquetRows } from "@shardmill/archives";
import { defaultRecipe, type MediaPool, Semaphore, type StreamedMember } from "@shardmill/core";
import { findFfmpeg, openMediaPool } from "@shardmill/media";
import sharp from "sharp";
import { FileSource } from "./file-source.ts";
import { inParallel } from "./in-parallel.ts";
import { type Cost, measure, median } from "./measure.ts";
import { noisy, photos } from "./photos.ts";
import { writeCauldronParquet } from "./write-cauldron-parquet.ts";

const signal = new AbortController().signal;
// Every row in flight listens to it.
setMaxListeners(0, signal);

/**
 * Rows of The Cauldron's shape to 224x224 JPEGs: parquet read page by page into the pool of media children, beside sharp
 * alone on the same bytes. Then the memory of this process on a row group of a hundred images of 5 MB.
 */
export async function bench(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: "boolean", default: false },
      workers: { type: "string", default: "2" },
      rounds: { type: "string", default: "3" },
      rows: { type: "string", default: "1200" },
      memory: { type: "boolean", default: true },
    },
    allowNegative: true,
  });
  const say = (line: string): void => void (values.json ? process.stderr : process.stdout).write(`${line}\n`);
  const folder = await mkdtemp(join(tmpdir(), "shardmill-bench-"));
  const workers = Number(values.workers);
  const { path: ffmpegPath } = await findFfmpeg();
  const pool = await openMediaPool({ size: workers, decoder: "process", ffmpegPath });
  try {
    // First, while sharp has not yet filled this process with its own.
    const peakMiB = values.memory ? await peakOnLargeGroup(join(folder, "large.parquet"), pool, say) : null;
    const rows = Number(values.rows);
    const pictures = await photos();
    const file = join(folder, "photos.parquet");
    await writeCauldronParquet(file, pictures, { rows, turns: 1 });
    say(
      `${rows} rows, ${(await stat(file)).size >> 20} MiB, ${workers} workers, ${availableParallelism()} cores`,
    );
    const report = await compare(file, pictures, rows, workers, Number(values.rounds), pool, say);
    if (values.json)
      process.stdout.write(`${JSON.stringify({ rows, workers, ...report, peakMiB }, null, 2)}\n`);
  } finally {
    await pool.close();
    await rm(folder, { recursive: true });
  }
}

async function compare(
  file: string,
  pictures: readonly Buffer[],
  rows: number,
  workers: number,
  rounds: number,
  pool: MediaPool,
  say: (line: string) => void,
): Promise<object> {
  const ratios: number[] = [];
  const costs: { sharp: Cost[]; shardmill: Cost[] } = { sharp: [], shardmill: [] };
  const order = Array.from({ length: rows }, (_, row) => pictures[row % pictures.length] ?? Buffer.of());
  for (let round = 0; round < rounds; round += 1) {
    const alone = await measure(rows, () => inParallel(order, workers, sharpAlone));
    const milled = await measure(rows, () => millRows(file, pool, 128 * 1024 * 1024));
    costs.sharp.push(alone);
    costs.shardmill.push(milled);
    ratios.push(milled.cpuSecondsPerClip / alone.cpuSecondsPerClip);
    say(`round ${round + 1} sharp     ${describe(alone)}`);
    say(`round ${round + 1} shardmill ${describe(milled)}`);
  }
  const cpuRatio = median(ratios);
  say(`CPU per row, Shardmill to sharp alone: ${cpuRatio.toFixed(2)} (at most 1.25)`);
  const figures = (all: readonly Cost[]): object => ({
    rowsPerSecond: median(all.map((cost) => cost.clipsPerSecond)),
    cpuSecondsPerRow: median(all.map((cost) => cost.cpuSecondsPerClip)),
  });
  return { sharp: figures(costs.sharp), shardmill: figures(costs.shardmill), cpuRatio };
}

/** Every row's pictures through the pool, read ahead no further than the bytes allow. */
async function millRows(file: string, pool: MediaPool, memoryBytes: number): Promise<void> {
  await using source = await FileSource.open(file);
  const layout = await readParquetLayout(source, signal);
  const options = { firstRow: 0, lastRow: layout.rows - 1, imagesField: "images", maxBytes: 2 ** 31 };
  const budget = new Semaphore(memoryBytes);
  const running = new Set<Promise<void>>();
  for await (const row of streamParquetRows(source, layout, options, signal)) {
    const release = await budget.acquire(row.kind === "member" ? row.sizeBytes : 0, signal);
    const work = millRow(row, pool).finally(() => {
      release();
      running.delete(work);
    });
    running.add(work);
    if (running.size >= pool.size * 8) await Promise.race(running);
  }
  await Promise.all(running);
}

async function millRow(row: StreamedMember, pool: MediaPool): Promise<void> {
  if (row.kind !== "member" || row.content.kind !== "images")
    throw new Error(`${row.name} is no row of images`);
  for (const bytes of row.content.images) {
    const image = bytes === null ? null : await pool.image({ name: row.name, bytes }, defaultRecipe, signal);
    if (image?.kind !== "image") throw new Error(`${row.name} was not decoded`);
  }
}

/** What one would write without Shardmill; libvips' own threads stay on, as they are by default. */
async function sharpAlone(bytes: Uint8Array): Promise<void> {
  const { quality, size } = defaultRecipe;
  await sharp(bytes)
    .autoOrient()
    .flatten({ background: "#ffffff" })
    .resize(size, size)
    .jpeg({ quality })
    .toBuffer();
}

/** Of this process alone: the children's memory does not depend on the row groups. */
async function peakOnLargeGroup(file: string, pool: MediaPool, say: (line: string) => void): Promise<number> {
  const large = await noisy(1400, 1200).png({ compressionLevel: 0 }).toBuffer();
  await writeCauldronParquet(file, [large], { rows: 100, turns: 1 });
  const before = process.memoryUsage().rss / 2 ** 20;
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss / 2 ** 20);
  }, 20);
  try {
    for (let group = 0; group < 3; group += 1) await millRows(file, pool, 64 * 1024 * 1024);
  } finally {
    clearInterval(timer);
  }
  const images = `images of ${(large.length / 1e6).toFixed(1)} MB`;
  say(
    `a row group of a hundred ${images}, three times: ${Math.round(peak)} MiB at most, ${Math.round(before)} MiB before (below 600)`,
  );
  return peak;
}

function describe({ clipsPerSecond, cpuSecondsPerClip }: Cost): string {
  return `${clipsPerSecond.toFixed(1)} rows/s, ${(cpuSecondsPerClip * 1000).toFixed(1)} CPU ms/row`;
}
