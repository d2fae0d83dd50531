import { readFileSync, rmSync } from "node:fs";
import { defaultRecipe } from "@shardmill/core";
import { afterAll, describe, expect, it } from "vitest";
import { ClipWorkshop, x264 } from "../../testing/clip-workshop.ts";
import { type StatedSize, statingSize } from "../../testing/lying-headers.ts";
import { testFfmpeg, testFolder } from "../../testing/make-clip.ts";
import { decodeWithLibav } from "../libav/decode-with-libav.ts";
import { decodeWithProcess } from "./decode-with-process.ts";

const folder = testFolder();
const shop = new ClipWorkshop(folder);
const never = new AbortController().signal;
const settings = { ...defaultRecipe, size: 64 };

afterAll(() => rmSync(folder, { recursive: true }));

const decoders = {
  libav: (bytes: Buffer) => decodeWithLibav({ name: "clip", bytes }, settings, never),
  process: (bytes: Buffer) =>
    decodeWithProcess({ name: "clip", bytes }, settings, never, { ffmpegPath: testFfmpeg }),
};

const huge = { width: 16_384, height: 16_384 };
const none = { width: 0, height: 0 };

type Container = Parameters<typeof statingSize>[1];
const taken = (name: string, codec: readonly string[]) =>
  readFileSync(shop.take("a", name, codec, { size: "320x272", seconds: 2 }));

/** Codecs whose pictures say themselves how large they are. */
const telling: readonly [Container, readonly string[]][] = [
  ["mp4", x264()],
  ["mov", x264()],
  ["mkv", x264()],
  ["avi", x264()],
  ["flv", x264()],
  ["avi", ["-c:v", "mpeg4", "-bf", "2", "-q:v", "4"]],
  ["mov", ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"]],
  ["ivf", ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"]],
];
/** Codecs that know it from the container alone. */
const silent: readonly [Container, readonly string[]][] = [
  ["avi", ["-c:v", "ffv1"]],
  ["mkv", ["-c:v", "ffv1"]],
  ["avi", ["-c:v", "rawvideo", "-pix_fmt", "bgr24"]],
  ["mov", ["-c:v", "rawvideo", "-pix_fmt", "uyvy422"]],
  ["avi", ["-c:v", "msmpeg4"]],
];
const named = (clips: typeof telling) =>
  clips.map(([container, codec]) => [`${container} with ${codec[1]}`, container, codec] as const);

describe.each(Object.entries(decoders))("a header that lies about the size, by %s:", (_decoder, decode) => {
  it.each(named(telling))("%s is shown as its pictures are", async (name, container, codec) => {
    const clip = taken(`${name.replaceAll(" ", "-")}.${container}`, codec);
    const truth = await decode(clip);
    expect(truth).toMatchObject({ kind: "frames", info: { width: 320, height: 272 }, complete: true });
    for (const size of [huge, none]) expect(await decode(statingSize(clip, container, size))).toEqual(truth);
  });

  it.each(named(silent))("%s is left out", async (name, container, codec) => {
    const clip = taken(`${name.replaceAll(" ", "-")}.${container}`, codec);
    const codeOf = async (size: StatedSize) => {
      const answer = await decode(statingSize(clip, container, size));
      return answer.kind === "rejected" ? answer.rejection.code : answer.kind;
    };
    expect(await codeOf(huge)).toBe("too_large");
    expect(await codeOf(none)).toBe("decode_error");
  });

  it("a gif whose screen is larger than any decoder takes is too large", async () => {
    const clip = readFileSync(
      shop.ffmpeg("a.gif", ["-f", "lavfi", "-i", "testsrc2=size=64x48:duration=1:rate=10"]),
    );
    expect(await decode(statingSize(clip, "gif", huge))).toMatchObject({ rejection: { code: "too_large" } });
  });

  it("a stream whose parameter sets are missing is told by name", async () => {
    const whole = shop.take("a", "refresh.mp4", x264("keyint=25:intra-refresh=1:bframes=0"));
    const path = shop.ffmpeg("cut.ts", ["-ss", "1.7", "-i", whole, "-c", "copy", "-copyinkf"]);
    expect(await decode(readFileSync(path))).toMatchObject({ rejection: { code: "decode_error" } });
  });
});
