import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ffmpeg } from "../support/make-clips.ts";

const run = promisify(execFile);

/** Scenes that move, and are unlike each other. */
const scenes = {
  planted: "mandelbrot=size=320x240:rate=12:start_scale=1.2:end_scale=0.05:end_pts=60",
  cells:
    "life=size=320x240:rate=12:mold=10:ratio=0.3:seed=3:life_color=#ffffff:death_color=#4060a0,boxblur=12",
  bars: "testsrc2=size=320x240:rate=12",
  black: "color=black:size=320x240:rate=12",
} as const;
export type Scene = keyof typeof scenes;

/** As a set packs it: its container by the name, with its own size and quality. */
export interface Encoding {
  readonly file: string;
  readonly size: string;
  readonly codec: readonly string[];
}

/** Five seconds of a scene. */
export async function clipOf(folder: string, scene: Scene, { file, size, codec }: Encoding): Promise<Buffer> {
  const path = join(folder, `${scene}-${file}`);
  const source = ["-f", "lavfi", "-i", `${scenes[scene]},scale=${size}`, "-t", "5"];
  const options = [...codec, "-pix_fmt", "yuv420p", "-threads", "1", "-fflags", "+bitexact"];
  await run(ffmpeg, ["-v", "error", "-y", ...source, ...options, path]);
  return readFile(path);
}
