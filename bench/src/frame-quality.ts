import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultRecipe, type MediaPool } from "@shardmill/core";
import sharp from "sharp";
import { SEED_FILTER } from "./frames-contenders.ts";
import { runCommand } from "./run-command.ts";

const EXACT = ":flags=bicubic+accurate_rnd+bitexact";
const FRAME_BYTES = 224 * 224 * 3;

/** Mean PSNR (dB) of the seed recipe's JPEGs and of ours, each against its own uncompressed frame. */
export async function frameQuality(
  clips: readonly string[],
  ffmpegPath: string,
  pool: MediaPool,
  decoder: "libav" | "process",
): Promise<{ seed: number; shardmill: number }> {
  const folder = await mkdtemp(join(tmpdir(), "shardmill-bench-psnr-"));
  const seed: number[] = [];
  const ours: number[] = [];
  try {
    for (const [index, clip] of clips.entries()) {
      seed.push(...(await seedPsnr(clip, ffmpegPath, join(folder, `${index}`))));
      ours.push(...(await ourPsnr(clip, ffmpegPath, pool, decoder)));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return { seed: mean(seed), shardmill: mean(ours) };
}

async function seedPsnr(clip: string, ffmpegPath: string, prefix: string): Promise<number[]> {
  const input = ["-v", "error", "-nostdin", "-i", clip, "-vf", SEED_FILTER, "-frames:v", "64"];
  await runCommand(ffmpegPath, [...input, "-q:v", "2", `${prefix}-%03d.jpg`]);
  const folder = join(prefix, "..");
  const names = (await readdir(folder)).filter((name) => join(folder, name).startsWith(`${prefix}-`)).sort();
  const jpegs = await Promise.all(names.map((name) => readFile(join(folder, name))));
  // The uncompressed frame with swscale's default rounding and with the exact one: whichever it is nearer to.
  const raws = [await uncompressed(clip, ffmpegPath, ""), await uncompressed(clip, ffmpegPath, EXACT)];
  const values = await Promise.all(raws.map((raw) => psnrs(jpegs, raw)));
  return values.reduce((best, next) => (mean(next) > mean(best) ? next : best));
}

async function uncompressed(clip: string, ffmpegPath: string, flags: string): Promise<Buffer> {
  const filter = SEED_FILTER.replace("=increase", `=increase${flags}`);
  const input = ["-v", "error", "-nostdin", "-i", clip, "-vf", filter, "-frames:v", "64"];
  return await runCommand(ffmpegPath, [...input, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"]);
}

async function ourPsnr(
  clip: string,
  ffmpegPath: string,
  pool: MediaPool,
  decoder: "libav" | "process",
): Promise<number[]> {
  const raw = await uncompressed(clip, ffmpegPath, EXACT);
  const settings = { ...defaultRecipe, decoder };
  const bytes = await readFile(clip);
  const result = await pool.frames({ name: clip, bytes }, settings, new AbortController().signal);
  if (result.kind === "rejected") throw new Error(`${clip}: ${result.rejection.code}`);
  return await psnrs(result.frames, raw);
}

async function psnrs(jpegs: readonly Uint8Array[], raw: Buffer): Promise<number[]> {
  // A clip too short for fps=1 gives no frame there and one frame here: nothing to compare.
  const count = Math.min(jpegs.length, raw.byteLength / FRAME_BYTES);
  const values: number[] = [];
  for (const [index, jpeg] of jpegs.slice(0, count).entries()) {
    const pixels = await sharp(jpeg).raw().toBuffer();
    values.push(psnr(pixels, raw.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES)));
  }
  return values;
}

function psnr(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (const [index, value] of a.entries()) sum += (value - (b[index] ?? 0)) ** 2;
  return sum === 0 ? 99 : 10 * Math.log10((255 * 255 * a.length) / sum);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
