import { chmodSync, readFileSync, rmSync } from "node:fs";
import { defaultRecipe } from "@shardmill/core";
import { afterAll, describe, expect, it } from "vitest";
import {
  changingClips,
  clockClips,
  gluedClips,
  manyStreamClips,
  orderClips,
} from "../../testing/awkward-clips.ts";
import { type AwkwardClip, ClipWorkshop, x264 } from "../../testing/clip-workshop.ts";
import { ffmpegReference, psnr } from "../../testing/ffmpeg-reference.ts";
import { testFfmpeg, testFolder } from "../../testing/make-clip.ts";
import { changedCodecClips, colourClips, encryptedClips } from "../../testing/refused-clips.ts";
import { decodeWithLibav } from "../libav/decode-with-libav.ts";
import type { RawClip } from "../raw-clip.ts";
import { decodeWithProcess } from "./decode-with-process.ts";

const folder = testFolder();
const shop = new ClipWorkshop(folder);
const never = new AbortController().signal;
const settings = { ...defaultRecipe, size: 64 };

afterAll(() => rmSync(folder, { recursive: true }));

const decoders = {
  libav: (path: string) => decodeWithLibav({ name: path, bytes: readFileSync(path) }, settings, never),
  process: (path: string) =>
    decodeWithProcess({ name: path, bytes: readFileSync(path) }, settings, never, { ffmpegPath: testFfmpeg }),
};

/** One of each kind; awkward-clips.long.test.ts has all of them. */
const samples: readonly [AwkwardClip | undefined, string][] = [
  [gluedClips(shop).find(({ name }) => name === "ts -1 s"), "a clock that steps back"],
  [gluedClips(shop).find(({ name }) => name === "ts 12 s"), "a clock that jumps"],
  [gluedClips(shop).find(({ name }) => name === "flv -1 s"), "two takes in a container without restarts"],
  [
    changingClips(shop).find(({ name }) => name === "mp4 with two sample entries, quantiser changes"),
    "new parameters",
  ],
  [manyStreamClips(shop).find(({ name }) => name === "mkv, the smaller is default"), "several streams"],
  [clockClips(shop).find(({ name }) => name === "mp4 from 18000 s in fragments"), "a late start"],
  [
    orderClips(shop).find(({ name }) => name === "h264 whose times are those of decoding"),
    "pictures without order",
  ],
  [orderClips(shop).find(({ name }) => name === "raw h264"), "a raw stream"],
  [orderClips(shop).find(({ name }) => name === "raw mjpeg"), "pictures one after the other"],
  [colourClips(shop).find(({ name }) => name === "matrix 10"), "a colour tag that converters refuse"],
];

async function shown(clip: Promise<RawClip>): Promise<Extract<RawClip, { kind: "frames" }>> {
  const raw = await clip;
  if (raw.kind === "rejected") throw new Error(`${raw.rejection.code}: ${raw.rejection.detail}`);
  return raw;
}

describe.each(Object.entries(decoders))("%s shows, as ffmpeg's fps=1 does,", (_decoder, decode) => {
  it.each(samples.map(([clip, kind]) => [kind, clip] as const))("%s", async (_kind, clip) => {
    const path = clip?.make() ?? "";
    const raw = await shown(decode(path));
    const expected = ffmpegReference(clip?.like?.() ?? path, { size: 64 });
    expect(raw.timesS.map((time) => time.toFixed(2))).toEqual(expected.timesS.map((time) => time.toFixed(2)));
    expect(raw).toMatchObject({ complete: true, wanted: expected.frames.length });
    const likeness = raw.frames.map((frame, at) => psnr(frame, expected.frames[at] ?? new Uint8Array(0)));
    expect(Math.min(...likeness)).toBeGreaterThanOrEqual(45);
  });

  it("and says of a clip what its first picked frame says, where the size changes later", async () => {
    const clip = changingClips(shop).find(({ name }) => name === "flv, size changes");
    const { info } = await shown(decode(clip?.make() ?? ""));
    expect(info).toMatchObject({ width: 160, height: 120, codec: "h264" });
    expect(info.fps).toBeCloseTo(25, 5);
  });

  it("and tells the rate and length of a raw stream by its frames", async () => {
    const path = shop.ffmpeg("thirty.h264", [
      ...["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=30:duration=3", "-pix_fmt", "yuv420p", ...x264()],
    ]);
    const { info } = await shown(decode(path));
    expect(info.fps).toBeCloseTo(30, 5);
    expect(info.durationS).toBeCloseTo(3, 5);
  });

  it("and notes the colour tags that it could not use", async () => {
    const clip = colourClips(shop).find(({ name }) => name === "matrix 10");
    const { remarks } = await shown(decode(clip?.make() ?? ""));
    expect(remarks).toEqual([{ code: "colour_tags_ignored", detail: "matrix 10 read as 9" }]);
  });

  it("but leaves out what is encrypted, before anything is decoded", async () => {
    for (const clip of encryptedClips(shop))
      expect(await decode(clip.make())).toMatchObject({
        rejection: { code: "decode_error", detail: expect.stringContaining("encrypted") },
      });
  });

  it("and what changes its codec in mid file", async () => {
    const clip = changedCodecClips(shop).find(({ name }) => name === "ts, hevc and then h264 at 3 s");
    expect(await decode(clip?.make() ?? "")).toMatchObject({
      rejection: { code: "decode_error", detail: "the codec changes from hevc to h264" },
    });
  });

  it("and a picture that is larger than memory when it covers the square", async () => {
    const path = shop.ffmpeg("thin.mkv", [
      ...[
        "-f",
        "lavfi",
        "-i",
        "color=size=2x20000:rate=25:duration=0.2",
        "-pix_fmt",
        "yuv444p",
        "-c:v",
        "ffv1",
      ],
    ]);
    expect(await decode(path)).toMatchObject({ rejection: { code: "too_large" } });
  });

  it("and says of a file that is no video what it is", async () => {
    const files: Record<string, string> = {
      "page.mp4": "<!DOCTYPE html><html></html>",
      "pointer.mp4": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
      "empty.mp4": "",
    };
    const words = { "page.mp4": "HTML page", "pointer.mp4": "Git LFS pointer", "empty.mp4": "empty" };
    const pictures = ["-f", "lavfi", "-i", "testsrc2=size=64x48", "-frames:v", "1"];
    for (const [name, word] of Object.entries({ ...words, "picture.jpg": "picture (jpeg)" })) {
      const text = files[name];
      const path =
        text === undefined ? shop.ffmpeg(name, pictures) : shop.written(name, () => Buffer.from(text));
      expect(await decode(path)).toMatchObject({
        rejection: { code: "decode_error", detail: expect.stringContaining(word) },
      });
    }
    const whole = readFileSync(shop.take("a", "whole.mp4", x264()));
    const cut = shop.written("no-index.mp4", () => whole.subarray(0, whole.indexOf("moov") - 4));
    expect(await decode(cut)).toMatchObject({
      rejection: { code: "decode_error", detail: "the mp4 has no index (moov)" },
    });
  });
});

describe("an ffmpeg that lies about the frames of a planned decode", () => {
  const lies = {
    "drops one": "select='not(eq(n,9))'",
    "gives two for one time": "setpts='if(eq(N,9),PREV_OUTPTS,PTS)'",
    "gives them late": "setpts='PTS+512*gte(N,9)'",
  };

  it.each(Object.entries(lies))("%s, is caught, and the clip decoded whole", async (name, lie) => {
    const path = shop.take("a", "whole.mp4", x264());
    const honest = await shown(decoders.process(path));
    const script = shop.written(`ffmpeg-${name.replaceAll(" ", "-")}`, () =>
      Buffer.from(`#!/bin/bash
plan="showinfo=checksum=0,select='eq(pts"
args=()
for arg in "$@"; do args+=("\${arg/"$plan"/"${lie},$plan"}"); done
exec ${testFfmpeg} "\${args[@]}"
`),
    );
    chmodSync(script, 0o755);
    const clip = { name: path, bytes: readFileSync(path) };
    const found = await shown(decodeWithProcess(clip, settings, never, { ffmpegPath: script }));
    expect(found.remarks.map(({ code }) => code)).toEqual(["clip_unlike_its_packets"]);
    expect(found).toEqual({ ...honest, remarks: found.remarks });
  });
});
