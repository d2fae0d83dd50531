import { readFileSync, rmSync } from "node:fs";
import { type ClipInfo, defaultRecipe } from "@shardmill/core";
import sharp from "sharp";
import { afterAll, describe, expect, it } from "vitest";
import {
  changingClips,
  clockClips,
  gluedClips,
  manyStreamClips,
  orderClips,
} from "../../testing/awkward-clips.ts";
import { type AwkwardClip, ClipWorkshop } from "../../testing/clip-workshop.ts";
import { ffmpegReference, psnr } from "../../testing/ffmpeg-reference.ts";
import { testFfmpeg, testFolder } from "../../testing/make-clip.ts";
import { paceClips } from "../../testing/pace-clips.ts";
import { changedCodecClips, colourClips, encryptedClips } from "../../testing/refused-clips.ts";
import { judgeClip } from "../child/judge-clip.ts";
import { decodeWithLibav } from "../libav/decode-with-libav.ts";
import type { RawClip } from "../raw-clip.ts";
import { decodeWithProcess } from "./decode-with-process.ts";

const folder = testFolder();
const shop = new ClipWorkshop(folder);
const never = new AbortController().signal;
/** Frames of 25 a second; a time may be one off where versions of FFmpeg read a clock differently. */
const frameS = 1 / 25 + 0.001;
const decibels = 40;
const size = 64;
const settings = { ...defaultRecipe, size };

afterAll(() => rmSync(folder, { recursive: true }));

async function decodeBoth(path: string): Promise<{ libav: RawClip; process: RawClip }> {
  const clip = { name: path, bytes: readFileSync(path) };
  const libav = await decodeWithLibav(clip, settings, never);
  const process = await decodeWithProcess(clip, settings, never, { ffmpegPath: testFfmpeg });
  return { libav: judgeClip(libav, settings), process: judgeClip(process, settings) };
}

async function asJpeg(frame: Uint8Array): Promise<Uint8Array> {
  const jpeg = await sharp(frame, { raw: { width: size, height: size, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
  return await sharp(jpeg).raw().toBuffer();
}

/** What stands in the sample's JSON. */
function facts(clip: RawClip): object {
  if (clip.kind === "rejected") return { code: clip.rejection.code };
  const { wanted, complete, timesS, info } = clip;
  const { durationS, fps, width, height, codec }: ClipInfo = info;
  const three = (value: number) => value.toFixed(3);
  return {
    wanted,
    complete,
    width,
    height,
    codec,
    duration: three(durationS),
    fps: three(fps),
    times: timesS.map(three),
  };
}

async function expectShown(clip: RawClip, path: string): Promise<void> {
  if (clip.kind === "rejected") throw new Error(`${clip.rejection.code}: ${clip.rejection.detail}`);
  const expected = ffmpegReference(path, { size });
  expect(clip.frames).toHaveLength(expected.frames.length);
  for (const [index, timeS] of clip.timesS.entries()) {
    expect(timeS).toBeGreaterThanOrEqual(clip.timesS[index - 1] ?? 0);
    const near = expected.candidatesS[index]?.map((time) => Math.abs(time - timeS)) ?? [];
    expect(Math.min(...near)).toBeLessThanOrEqual(frameS);
  }
  for (const [index, frame] of clip.frames.entries()) {
    const reference = expected.frames[index] ?? new Uint8Array();
    expect(psnr(await asJpeg(frame), await asJpeg(reference))).toBeGreaterThanOrEqual(decibels);
  }
}

function agree(kind: string, clips: readonly AwkwardClip[]): void {
  describe(kind, () => {
    it.each(clips.map((clip) => [clip.name, clip] as const))("%s", async (_name, clip) => {
      const path = clip.make();
      const { libav, process } = await decodeBoth(path);
      const reference = clip.like?.() ?? path;
      await expectShown(libav, reference);
      await expectShown(process, reference);
      expect(facts(process)).toEqual(facts(libav));
    });
  });
}

describe("both decoders show what ffmpeg's fps=1 shows, and say the same of it", () => {
  agree("two takes in one file", gluedClips(shop));
  agree("parameter sets that change", changingClips(shop));
  agree("several video streams", manyStreamClips(shop));
  agree("clocks", clockClips(shop));
  agree("order", orderClips(shop));
  agree("pace", paceClips(shop));
  agree("colour tags", colourClips(shop));
});

function leftOut(kind: string, clips: readonly AwkwardClip[], word: string): void {
  it.each(clips.map((clip) => [clip.name, clip] as const))(`${kind}: %s`, async (_name, clip) => {
    const { libav, process } = await decodeBoth(clip.make());
    for (const answer of [libav, process])
      expect(answer).toMatchObject({
        rejection: { code: "decode_error", detail: expect.stringContaining(word) },
      });
  });
}

describe("both decoders leave out", () => {
  leftOut("what is encrypted", encryptedClips(shop), "encrypted");
  leftOut("what changes its codec", changedCodecClips(shop), "the codec changes");
});
