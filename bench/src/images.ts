import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { defaultRecipe } from "@shardmill/core";
import { findFfmpeg, openMediaPool } from "@shardmill/media";
import sharp, { type Sharp } from "sharp";
import { inParallel } from "./in-parallel.ts";
import { type Cost, measure, median, medianCost } from "./measure.ts";

interface Picture {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Pictures to 224x224 JPEG: through the pool of media children, and by sharp alone in this process. */
export async function bench(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: "boolean", default: false },
      workers: { type: "string", default: "2" },
      rounds: { type: "string", default: "5" },
      images: { type: "string", default: "400" },
    },
  });
  const workers = Number(values.workers);
  const pictures = await defaultPictures(Number(values.images));
  const say = (line: string): void => void (values.json ? process.stderr : process.stdout).write(`${line}\n`);
  say(`${pictures.length} images, ${workers} workers, ${availableParallelism()} cores`);
  // No video is decoded here, so the backend that is quickest to open will do.
  const { path: ffmpegPath } = await findFfmpeg();
  const pool = await openMediaPool({ size: workers, decoder: "process", ffmpegPath });
  const costs: { sharp: Cost[]; shardmill: Cost[] } = { sharp: [], shardmill: [] };
  try {
    for (let round = 0; round < Number(values.rounds); round += 1) {
      const order = round % 2 === 0 ? (["sharp", "shardmill"] as const) : (["shardmill", "sharp"] as const);
      for (const contender of order) {
        const convert =
          contender === "sharp"
            ? sharpAlone
            : async (picture: Picture) => {
                const image = await pool.image(picture, defaultRecipe, new AbortController().signal);
                if (image.kind === "rejected") throw new Error(`${picture.name}: ${image.rejection.detail}`);
              };
        const cost = await measure(pictures.length, () => inParallel(pictures, workers, convert));
        costs[contender].push(cost);
        say(`round ${round + 1} ${contender.padEnd(9)} ${describe(cost)}`);
      }
    }
  } finally {
    await pool.close();
  }
  const medians = { sharp: medianCost(costs.sharp), shardmill: medianCost(costs.shardmill) };
  const ratio = median(
    costs.shardmill.map(
      (cost, round) => cost.clipsPerSecond / (costs.sharp[round]?.clipsPerSecond ?? Number.NaN),
    ),
  );
  say(`median sharp     ${describe(medians.sharp)}`);
  say(`median shardmill ${describe(medians.shardmill)}`);
  say(`Shardmill to sharp alone: ${ratio.toFixed(2)} x images/s`);
  if (values.json)
    process.stdout.write(
      `${JSON.stringify(jsonReport(pictures.length, workers, medians, ratio), null, 2)}\n`,
    );
}

/** What one would write without Shardmill; libvips' own threads stay on, as they are by default. */
async function sharpAlone({ bytes }: Picture): Promise<void> {
  const { quality, size } = defaultRecipe;
  await sharp(bytes)
    .autoOrient()
    .flatten({ background: "#ffffff" })
    .resize(size, size)
    .jpeg({ quality })
    .toBuffer();
}

/** Six pictures of web sizes and formats, over and over. */
async function defaultPictures(count: number): Promise<Picture[]> {
  const noisy = (width: number, height: number): Sharp =>
    sharp({
      create: {
        width,
        height,
        channels: 3,
        background: "#808080",
        noise: { type: "gaussian", mean: 128, sigma: 40 },
      },
    }).blur(2);
  const files: Picture[] = [
    { name: "large.jpg", bytes: await noisy(1600, 1200).jpeg({ quality: 85 }).toBuffer() },
    { name: "medium.jpg", bytes: await noisy(1024, 768).jpeg({ quality: 85 }).toBuffer() },
    { name: "small.jpg", bytes: await noisy(640, 480).jpeg({ quality: 85 }).toBuffer() },
    { name: "screenshot.png", bytes: await noisy(1280, 720).png({ palette: true }).toBuffer() },
    { name: "small.png", bytes: await noisy(600, 400).png().toBuffer() },
    { name: "medium.webp", bytes: await noisy(1024, 768).webp({ quality: 80 }).toBuffer() },
  ];
  return Array.from(
    { length: count },
    (_, index) => files[index % files.length] ?? { name: "", bytes: Buffer.of() },
  );
}

function jsonReport(
  images: number,
  workers: number,
  medians: { sharp: Cost; shardmill: Cost },
  ratio: number,
): object {
  const figures = ({ clipsPerSecond, cpuSecondsPerClip, peakMiB }: Cost): object => ({
    imagesPerSecond: clipsPerSecond,
    cpuSecondsPerImage: cpuSecondsPerClip,
    peakMiB,
  });
  return {
    images,
    workers,
    sharp: figures(medians.sharp),
    shardmill: figures(medians.shardmill),
    ratio: { imagesPerSecond: ratio },
  };
}

function describe({ clipsPerSecond, cpuSecondsPerClip, peakMiB }: Cost): string {
  return `${clipsPerSecond.toFixed(1)} images/s, ${(cpuSecondsPerClip * 1000).toFixed(1)} CPU ms/image, children's peak ${Math.round(peakMiB)} MiB`;
}
