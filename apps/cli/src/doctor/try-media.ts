import { defaultRecipe, type Recipe } from "@shardmill/core";
import { findFfmpeg, imageToJpeg, openMediaPool, readToolchain } from "@shardmill/media";
import { type Finding, found, tried } from "./finding.ts";
import { tinyClip } from "./tiny-clip.ts";

const expectedFrames = 3;

/** Both decoders on a real clip, in a child as a build does it; then sharp on a frame that came out. */
export async function tryMedia(signal: AbortSignal): Promise<Finding[]> {
  let frame: Uint8Array | null = null;
  const decode = async (decoder: Recipe["decoder"]): Promise<string> => {
    const pool = await openMediaPool({ size: 1, decoder });
    try {
      const clip = { name: "doctor.mp4", bytes: tinyClip() };
      const result = await pool.frames(clip, { ...defaultRecipe, decoder }, signal);
      if (result.kind === "rejected") throw new Error(`${result.rejection.code}: ${result.rejection.detail}`);
      if (result.frames.length !== expectedFrames)
        throw new Error(`expected ${expectedFrames} frames of the trial clip, found ${result.frames.length}`);
      frame ??= result.frames[0] ?? null;
      return `${result.frames.length} frames of a real H.264 clip in ${Math.round(result.seconds * 1000)} ms`;
    } finally {
      await pool.close();
    }
  };
  const libav = await tried(
    "libav",
    "npm ci; on a system that node-av does not know: --set decoder=process",
    async () => {
      const what = await decode("libav");
      const { decoder } = await readToolchain("libav");
      return found("libav", what, {
        version: decoder.replace(/^libav /, ""),
        path: "node-av, in this installation",
      });
    },
  );
  const ffmpeg = await tried(
    "ffmpeg",
    "apt-get install ffmpeg; only needed for --set decoder=process",
    async () => {
      const { path, version } = await findFfmpeg();
      return found("ffmpeg", await decode("process"), { version, path });
    },
    "warn",
  );
  const sharp = await tried("sharp", "npm ci; sharp's binary does not fit this system", async () => {
    if (frame === null) throw new Error("no decoder gave a frame to try it on");
    const jpeg = await imageToJpeg(frame, { ...defaultRecipe, size: 32 });
    if (jpeg.kind === "rejected") throw new Error(jpeg.rejection.detail);
    const { sharp: version, libvips } = await readToolchain("process");
    return found("sharp", `a frame decoded, scaled and encoded again; libvips ${libvips}`, { version });
  });
  return [libav, ffmpeg, sharp];
}
