import { mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { defaultRecipe, type MediaPool } from "@shardmill/core";
import { digestOf } from "./frames-digest.ts";
import { inParallel } from "./in-parallel.ts";
import { runCommand } from "./run-command.ts";
import { TarFile } from "./tar-file.ts";

export const SEED_FILTER = "fps=1,scale=224:224:force_original_aspect_ratio=increase,crop=224:224";

export interface Race {
  readonly clips: readonly string[];
  readonly workers: number;
  readonly ffmpegPath: string;
  readonly sampling: "exact" | "keyframes";
}

/** (a) The seed recipe as its scripts ran it: one ffmpeg and one folder of JPEG files per clip, then tar. */
export async function seedRecipe({ clips, workers, ffmpegPath }: Race, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await inParallel(clips, workers, async (clip, index) => {
    const frames = join(folder, `${index}-${basename(clip)}`);
    await mkdir(frames);
    const input = ["-v", "error", "-nostdin", "-i", clip, "-vf", SEED_FILTER];
    await runCommand(ffmpegPath, [...input, "-frames:v", "64", "-q:v", "2", join(frames, "%03d.jpg")]);
  });
  await runCommand("tar", ["-cf", `${folder}.tar`, "-C", folder, "."]);
}

export interface Extracted {
  readonly decoded: number;
  readonly inFiles: number;
  /** Of each clip's frames. */
  readonly digests: readonly string[];
}

/** (b) and (c): clips through a pool of media children into one tar. */
export async function throughPool(
  { clips, workers, sampling }: Race,
  pool: MediaPool,
  decoder: "libav" | "process",
  tarPath: string,
): Promise<Extracted> {
  const settings = { ...defaultRecipe, decoder, sampling };
  const never = new AbortController().signal;
  let decoded = 0;
  let inFiles = 0;
  const digests: string[] = [];
  await using tar = await TarFile.create(tarPath);
  await inParallel(clips, workers, async (path, index) => {
    const clip = await pool.frames({ name: path, bytes: await readFile(path) }, settings, never);
    if (clip.kind === "rejected") throw new Error(`${path}: ${clip.rejection.code} ${clip.rejection.detail}`);
    decoded += clip.decoded;
    inFiles += Math.round(clip.info.durationS * clip.info.fps);
    digests[index] = digestOf(clip.frames);
    const name = `${index}-${basename(path)}`;
    await tar.add(clip.frames.map((bytes, frame) => ({ name: `${name}.${frame}.jpg`, bytes })));
  });
  return { decoded, inFiles, digests };
}

/** Code and detail of a clip that is left out; null of one that is shown. */
export async function whyLeftOut(
  path: string,
  pool: MediaPool,
  decoder: "libav" | "process",
): Promise<string | null> {
  const settings = { ...defaultRecipe, decoder };
  const clip = { name: path, bytes: await readFile(path) };
  const result = await pool.frames(clip, settings, new AbortController().signal);
  return result.kind === "rejected"
    ? `${decoder}: ${result.rejection.code}, ${result.rejection.detail}`
    : null;
}

/** Why the seed recipe has nothing to show for a clip; null where it has. */
export async function whyUnseeded(path: string, ffmpegPath: string): Promise<string | null> {
  const input = ["-v", "error", "-nostdin", "-i", path, "-vf", SEED_FILTER, "-frames:v", "1"];
  try {
    const picture = await runCommand(ffmpegPath, [...input, "-f", "mjpeg", "-"]);
    return picture.length > 0 ? null : "the seed recipe gives no frame";
  } catch {
    return "the seed recipe's ffmpeg fails";
  }
}

/** (d) The floor: every frame decoded to nothing. */
export async function decodeToNothing({ clips, workers, ffmpegPath }: Race): Promise<void> {
  await inParallel(clips, workers, async (clip) => {
    const input = ["-v", "error", "-nostdin", "-i", clip, "-map", "0:v:0"];
    await runCommand(ffmpegPath, [...input, "-f", "null", "-"]);
  });
}
