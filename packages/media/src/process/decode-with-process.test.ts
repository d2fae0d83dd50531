import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaultRecipe } from "@shardmill/core";
import { afterAll, describe, expect, it } from "vitest";
import { makeClip, readClip, runFfmpegForTest, testFfmpeg, testFolder } from "../../testing/make-clip.ts";
import type { DecodeSettings } from "../raw-clip.ts";
import { decodeWithProcess } from "./decode-with-process.ts";

const folder = testFolder();
const settings: DecodeSettings = { ...defaultRecipe, decoder: "process", size: 64 };
const x264 = (...options: string[]) => ["-c:v", "libx264", "-preset", "ultrafast", ...options];

afterAll(() => rmSync(folder, { recursive: true }));

async function decode(path: string, changes: Partial<DecodeSettings> = {}) {
  const options = { ffmpegPath: testFfmpeg };
  return await decodeWithProcess(
    readClip(path),
    { ...settings, ...changes },
    new AbortController().signal,
    options,
  );
}

async function frames(path: string, changes: Partial<DecodeSettings> = {}) {
  const raw = await decode(path, changes);
  if (raw.kind === "rejected") throw new Error(`${raw.rejection.code}: ${raw.rejection.detail}`);
  return raw;
}

/** What ffmpeg itself shows at one frame per second. */
function asFfmpeg(path: string, more: readonly string[] = []): Buffer {
  const scale =
    "scale=64:64:force_original_aspect_ratio=increase:flags=bicubic+accurate_rnd+bitexact,crop=64:64";
  const output = ["-frames:v", "64", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"];
  return runFfmpegForTest(["-i", path, "-map", "0:v:0", "-vf", `fps=1,${scale}`, ...more, ...output]);
}

describe("frames and pixels are those of ffmpeg -vf fps=1", () => {
  const matrix: Record<string, () => string> = {
    "mp4 with a B-frame pyramid": () =>
      makeClip(folder, "b.mp4", {
        seconds: 4,
        options: ["-c:v", "libx264", "-x264-params", "bframes=3:b-pyramid=normal"],
      }),
    "mp4 with its index in front": () =>
      makeClip(folder, "fast.mp4", { rate: "30000/1001", options: x264("-movflags", "+faststart") }),
    mkv: () => makeClip(folder, "a.mkv", { rate: "24000/1001", options: x264() }),
    webm: () =>
      makeClip(folder, "a.webm", {
        options: ["-c:v", "libvpx-vp9", "-cpu-used", "8", "-deadline", "realtime"],
      }),
    "transport stream": () => makeClip(folder, "a.ts", { options: x264("-bf", "2") }),
    "avi without presentation times": () =>
      makeClip(folder, "a.avi", { options: ["-c:v", "mpeg4", "-bf", "2", "-q:v", "4"] }),
    "variable frame rate": () => {
      const path = join(folder, "vfr.mp4");
      const drop = "select='not(between(n,20,55))+eq(mod(n,7),0)'";
      const source = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=5", "-vf", drop];
      runFfmpegForTest([...source, "-fps_mode", "vfr", "-pix_fmt", "yuv420p", ...x264(), path]);
      return path;
    },
    "a start that is not zero": () =>
      makeClip(folder, "offset.mkv", { options: x264("-output_ts_offset", "7.3") }),
    "an edit list": () => {
      const whole = makeClip(folder, "whole.mp4", { seconds: 5, options: ["-c:v", "libx264", "-g", "250"] });
      const path = join(folder, "edit.mp4");
      runFfmpegForTest(["-ss", "1.36", "-i", whole, "-c", "copy", path]);
      return path;
    },
    "a rotated picture": () => {
      const upright = makeClip(folder, "upright.mp4", { options: x264() });
      const path = join(folder, "rotated.mp4");
      runFfmpegForTest(["-display_rotation", "90", "-i", upright, "-c", "copy", path]);
      return path;
    },
    "an open GOP whose first pictures cannot be shown": () => {
      const options = [
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        "-x265-params",
        "keyint=20:open-gop=1:bframes=3:log-level=error",
      ];
      const whole = makeClip(folder, "open.ts", { seconds: 4, options });
      const path = join(folder, "open-cut.ts");
      runFfmpegForTest(["-ss", "1.7", "-i", whole, "-c", "copy", "-copyinkf", path]);
      return path;
    },
  };
  for (const [kind, make] of Object.entries(matrix)) {
    it(kind, async () => {
      const path = make();
      const raw = await frames(path);
      const reference = asFfmpeg(path);
      expect(raw.frames.length * 64 * 64 * 3).toBe(reference.byteLength);
      expect(Buffer.concat(raw.frames).equals(reference)).toBe(true);
      expect(raw).toMatchObject({ complete: true, wanted: raw.frames.length, decodeErrors: 0 });
    });
  }

  it("with the source frame's own time and the clip as it is shown", async () => {
    const path = join(folder, "rotated.mp4");
    const { timesS, info } = await frames(path);
    expect(timesS).toEqual([0.48, 1.48, 2.48]);
    expect(info).toEqual({ durationS: 3, width: 120, height: 160, fps: 25, codec: "h264" });
  });

  it("and a clip too short for that gives its middle frame", async () => {
    const path = makeClip(folder, "short.mp4", { seconds: 0.2, options: x264() });
    expect(asFfmpeg(path).byteLength).toBe(0);
    const raw = await frames(path);
    expect(raw).toMatchObject({ wanted: 1, complete: true });
    expect(raw.timesS).toEqual([0.08]);
  });
});

describe("the recipe's options", () => {
  it("take frames at whole seconds, more of them, or evenly over the clip", async () => {
    const path = makeClip(folder, "options.mp4", { seconds: 4, options: x264() });
    expect((await frames(path, { align: "start" })).timesS).toEqual([0, 1, 2, 3]);
    expect((await frames(path, { fps: 2 })).timesS).toHaveLength(8);
    expect((await frames(path, { maxFrames: 2 })).timesS).toEqual([0.48, 1.48]);
    expect((await frames(path, { maxFrames: 2, overflow: "uniform" })).timesS).toEqual([0.96, 2.96]);
    expect((await frames(path, { spans: [{ startS: 1, endS: 3 }] })).timesS).toEqual([1.48, 2.48]);
  });

  it("fit the picture by padding or stretching", async () => {
    const path = join(folder, "options.mp4");
    const padded = (await frames(path, { fit: "contain" })).frames[0]!;
    expect([...padded.subarray(0, 64 * 3)].every((value) => value === 0)).toBe(true);
    const stretched = (await frames(path, { fit: "stretch" })).frames[0]!;
    expect(stretched.byteLength).toBe(64 * 64 * 3);
    expect([...stretched.subarray(0, 64 * 3)].some((value) => value > 0)).toBe(true);
  });
});

describe("a clip that gives nothing says why", () => {
  const written = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };

  it("no_video_stream for sound alone", async () => {
    const path = join(folder, "sound.mp4");
    runFfmpegForTest(["-f", "lavfi", "-i", "sine=duration=1", path]);
    expect(await decode(path)).toMatchObject({ rejection: { code: "no_video_stream" } });
  });

  it("decode_error for what is no video, without opening what a playlist names", async () => {
    const other = makeClip(folder, "other.mp4", { options: x264() });
    const playlists = {
      "list.mp4": `ffconcat version 1.0\nfile '${other}'\n`,
      "hls.mp4": `#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n${other}\n#EXT-X-ENDLIST\n`,
      "noise.mp4": "nothing of a video in here".repeat(50),
    };
    for (const [name, text] of Object.entries(playlists)) {
      const raw = await decode(written(name, Buffer.from(text)));
      expect(raw).toMatchObject({ rejection: { code: "decode_error" } });
    }
  });

  it("too_large by pixels and by duration, before decoding", async () => {
    const path = join(folder, "other.mp4");
    const limits = (changes: object) => ({ limits: { ...settings.limits, ...changes } });
    expect(await decode(path, limits({ maxPixels: 160 * 120 - 1 }))).toMatchObject({
      rejection: { code: "too_large" },
    });
    expect(await decode(path, limits({ maxDurationS: 2 }))).toMatchObject({
      rejection: { code: "too_large" },
    });
  });

  it("and a clip that was cut off counts what its container had promised", async () => {
    const path = makeClip(folder, "long.mp4", { seconds: 8, options: x264("-movflags", "+faststart") });
    const bytes = readFileSync(path);
    const raw = await frames(written("cut.mp4", bytes.subarray(0, bytes.length * 0.6)));
    expect(raw).toMatchObject({ wanted: 8, complete: false });
    expect(raw.frames.length).toBeGreaterThan(2);
    expect(raw.frames.length).toBeLessThan(7);
  });
});
