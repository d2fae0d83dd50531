import { rmSync } from "node:fs";
import { defaultRecipe, type FrameSettings } from "@shardmill/core";
import { afterAll, describe, expect, it } from "vitest";
import { ffmpegReference, psnr } from "../../testing/ffmpeg-reference.ts";
import { makeClip, readClip, runFfmpegForTest, testFolder } from "../../testing/make-clip.ts";
import { decodeWithLibav } from "./decode-with-libav.ts";

const folder = testFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const signal = new AbortController().signal;

async function decode(path: string, settings: Partial<FrameSettings> = {}, bytes = readClip(path).bytes) {
  return await decodeWithLibav({ name: path, bytes }, { ...defaultRecipe, ...settings }, signal);
}

async function frames(path: string, settings: Partial<FrameSettings> = {}, bytes?: Uint8Array) {
  const clip = await decode(path, settings, bytes);
  if (clip.kind === "rejected") throw new Error(`${clip.rejection.code}: ${clip.rejection.detail}`);
  return clip;
}

async function refusal(path: string, settings: Partial<FrameSettings> = {}, bytes?: Uint8Array) {
  const clip = await decode(path, settings, bytes);
  return clip.kind === "rejected" ? clip.rejection.code : "frames";
}

const x264 = (parameters: string) => ["-c:v", "libx264", "-preset", "veryfast", "-x264-params", parameters];
const pyramid = x264("threads=1:bframes=3:b-adapt=0:b-pyramid=normal:keyint=25:scenecut=0");
const x265 = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params"];
const h264 = makeClip(folder, "pyramid.mp4", { rate: "30", seconds: 3.3, options: pyramid });

function remuxed(name: string, before: readonly string[], after: readonly string[] = []): string {
  const path = `${folder}/${name}`;
  runFfmpegForTest([...before, "-i", h264, "-c", "copy", ...after, path]);
  return path;
}

/** Name, clip, and the most frames that may go through the decoder. */
const matrix: readonly [string, () => string, number][] = [
  ["H.264 with a pyramid of B-frames", () => h264, 40],
  [
    "29.97 frames per second",
    () => makeClip(folder, "ntsc.mp4", { rate: "30000/1001", options: x264("bframes=2") }),
    80,
  ],
  [
    "H.264 with open groups in MPEG-TS",
    () =>
      makeClip(folder, "open.ts", { rate: "30", options: x264("open-gop=1:keyint=20:bframes=3:b-adapt=0") }),
    90,
  ],
  [
    "HEVC with open groups",
    () =>
      makeClip(folder, "open.mkv", {
        rate: "30",
        options: [...x265, "log-level=none:pools=none:keyint=20:open-gop=1:bframes=4:b-adapt=0:scenecut=0"],
      }),
    30,
  ],
  [
    "VP9",
    () =>
      makeClip(folder, "vp9.webm", {
        options: ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"],
      }),
    75,
  ],
  [
    "MPEG-4 with B-frames in AVI",
    () => makeClip(folder, "mpeg4.avi", { options: ["-c:v", "mpeg4", "-bf", "2"] }),
    75,
  ],
  [
    "a variable rate",
    () =>
      makeClip(folder, "vfr.mkv", {
        options: ["-vf", "setpts='(N+3*floor(N/7))/25/TB'", "-fps_mode", "passthrough"],
      }),
    75,
  ],
  ["less than one frame per second", () => makeClip(folder, "slow.mp4", { rate: "0.4", seconds: 10 }), 8],
  ["rotation", () => remuxed("rotated.mov", ["-display_rotation", "90"]), 40],
  ["an edit list", () => remuxed("edited.mp4", ["-ss", "1.2"]), 40],
  ["a start offset", () => remuxed("offset.mkv", [], ["-output_ts_offset", "7.3"]), 40],
  [
    "10 bits, odd sizes",
    () => makeClip(folder, "odd.mkv", { size: "161x121", options: ["-pix_fmt", "yuv444p10le"] }),
    75,
  ],
  ["full range", () => makeClip(folder, "full.mp4", { options: ["-pix_fmt", "yuvj420p"] }), 75],
];

describe("decodeWithLibav gives the frames of ffmpeg's fps=1, byte for byte", () => {
  it.each(matrix)("%s", async (_name, clip, most) => {
    const path = clip();
    const expected = ffmpegReference(path);
    const { frames: squares, timesS, decoded, complete, wanted } = await frames(path);
    expect(timesS.map((time) => time.toFixed(3))).toEqual(expected.timesS.map((time) => time.toFixed(3)));
    expect(squares.map((square, at) => psnr(square, expected.frames[at] ?? square))).toEqual(
      squares.map(() => Number.POSITIVE_INFINITY),
    );
    expect({ wanted, complete }).toEqual({ wanted: expected.frames.length, complete: true });
    expect(decoded).toBeLessThanOrEqual(most);
  });
});

describe("decodeWithLibav", () => {
  it("gives the one frame of a clip too short for fps=1", async () => {
    const path = makeClip(folder, "short.mp4", { rate: "30", seconds: 0.1 });
    expect(ffmpegReference(path).frames).toHaveLength(0);
    const { frames: squares, timesS } = await frames(path);
    expect(squares).toHaveLength(1);
    expect(timesS[0]).toBeCloseTo(1 / 30);
  });

  it("describes the clip as it is shown", async () => {
    const { info } = await frames(`${folder}/rotated.mov`);
    expect(info).toMatchObject({ width: 120, height: 160, codec: "h264", fps: 30 });
    expect(info.durationS).toBeCloseTo(3.3);
  });

  it("fits, sizes and samples as the recipe says", async () => {
    const { frames: squares } = await frames(h264, { size: 64, fit: "contain", fps: 2 });
    expect(squares.map((square) => square.length)).toEqual(Array.from({ length: 7 }, () => 64 * 64 * 3));
    // 4:3 in a square: black above and below.
    expect(squares[0]?.subarray(0, 64 * 3).every((value) => value === 0)).toBe(true);
    expect((await frames(h264, { size: 64, fit: "stretch" })).frames[0]).not.toEqual(
      (await frames(h264, { size: 64 })).frames[0],
    );
  });

  it("decodes little more than the keyframes in keyframes mode", async () => {
    const { timesS, decoded } = await frames(h264, { sampling: "keyframes" });
    expect(timesS.map((time) => time.toFixed(2))).toEqual(["0.83", "1.67", "2.50"]);
    expect(decoded).toBeLessThanOrEqual(4);
  });

  it("shows a keyframe without its deblocking, close to what it is in exact mode", async () => {
    const loose = await frames(h264, { sampling: "keyframes", size: 64 });
    const all = await frames(h264, { fps: 30, maxFrames: 1000, size: 64 });
    const likenesses = loose.timesS.map((timeS, at) => {
      const same = all.timesS.findIndex((time) => Math.abs(time - timeS) < 0.001);
      return psnr(loose.frames[at] ?? new Uint8Array(), all.frames[same] ?? new Uint8Array());
    });
    expect(Math.min(...likenesses)).toBeGreaterThan(45);
    expect(Math.min(...likenesses)).toBeLessThan(100);
  });

  it("leaves a cut clip out, or keeps what is there, as minFrameShare says", async () => {
    const path = remuxed("front.mp4", [], ["-movflags", "+faststart"]);
    const { bytes } = readClip(path);
    const cut = bytes.subarray(0, Math.round(bytes.length * 0.5));
    expect(await refusal(path, {}, cut)).toBe("decode_truncated");
    const kept = await frames(path, { minFrameShare: 0 }, cut);
    expect(kept).toMatchObject({ complete: false, wanted: 3 });
    expect(kept.frames.length).toBeLessThan(3);
  });

  it("gives what a damaged clip holds, and counts the damage", async () => {
    const bytes = Buffer.from(readClip(h264).bytes);
    const middle = Math.round(bytes.length / 2);
    bytes.fill(0x55, middle, middle + 400);
    const clip = await decode(h264, { minFrameShare: 0 }, bytes);
    expect(clip.kind).toBe("frames");
    if (clip.kind === "frames") expect(clip.decodeErrors).toBeGreaterThan(0);
  });

  it("names why a file gives nothing", async () => {
    const sound = `${folder}/sound.mp4`;
    runFfmpegForTest(["-f", "lavfi", "-i", "sine=duration=1", sound]);
    expect(await refusal(sound)).toBe("no_video_stream");
    expect(await refusal("noise", {}, Buffer.alloc(5000, 7))).toBe("decode_error");
    expect(await refusal("empty", {}, Buffer.alloc(0))).toBe("decode_error");
  });

  it("checks bytes, pixels and duration before it decodes", async () => {
    const limits = defaultRecipe.limits;
    expect(await refusal(h264, { limits: { ...limits, maxBytes: 1000 } })).toBe("too_large");
    expect(await refusal(h264, { limits: { ...limits, maxPixels: 160 * 119 } })).toBe("too_large");
    expect(await refusal(h264, { limits: { ...limits, maxDurationS: 3 } })).toBe("too_large");
  });

  it("opens no file that a playlist names", async () => {
    const playlists = [
      `ffconcat version 1.0\nfile '${h264}'\n`,
      `#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n${h264}\n#EXT-X-ENDLIST\n`,
      `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n`,
    ];
    for (const text of playlists) expect(await refusal("list", {}, Buffer.from(text))).toBe("decode_error");
  });

  it("stops when it is told to", async () => {
    const reason = new Error("enough");
    const aborted = AbortSignal.abort(reason);
    await expect(decodeWithLibav(readClip(h264), defaultRecipe, aborted)).rejects.toBe(reason);
  });
});
