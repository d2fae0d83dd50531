import { rmSync } from "node:fs";
import { type ClipSpan, defaultRecipe, type MediaPool } from "@shardmill/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ffmpegReference } from "../../testing/ffmpeg-reference.ts";
import { makeClip, readClip, testFfmpeg, testFolder } from "../../testing/make-clip.ts";
import { decodeWithLibav } from "../libav/decode-with-libav.ts";
import { openMediaPool } from "./open-media-pool.ts";

const folder = testFolder();
const never = new AbortController().signal;
const seconds = 24;
const path = makeClip(folder, "long.mp4", { seconds, rate: "25" });
const clip = readClip(path);
/** Twenty stretches that overlap. */
const spans: ClipSpan[] = Array.from({ length: 20 }, (_, at) => ({ startS: at, endS: at + 4.2 }));

afterAll(() => rmSync(folder, { recursive: true }));

describe.each(["libav", "process"] as const)("twenty stretches of one clip by %s", (decoder) => {
  const settings = { ...defaultRecipe, decoder };
  let pool: MediaPool;

  beforeAll(async () => {
    pool = await openMediaPool({ size: 1, decoder, ffmpegPath: testFfmpeg });
  });
  afterAll(() => pool.close());

  it("are each as if it stood alone, of one decode of the clip", async () => {
    const all = await pool.spans(clip, { settings, spans }, never);
    if (all.kind === "rejected") throw new Error(all.rejection.detail);
    expect(all.clips).toHaveLength(20);
    for (const [at, one] of all.clips.entries()) {
      if (one.kind === "rejected") throw new Error(one.rejection.detail);
      const alone = await pool.spans(clip, { settings, spans: spans.slice(at, at + 1) }, never);
      const [only] = alone.kind === "spans" ? alone.clips : [];
      if (only?.kind !== "frames") throw new Error("expected frames");
      expect(one.frames).toEqual(only.frames);
      expect([one.timesS, one.wanted, one.complete]).toEqual([only.timesS, 4, true]);
      expect(one.info.durationS).toBeCloseTo(Math.min(4.2, seconds - at), 6);
      // The frames that went through the decoder, for all of them together.
      expect(one.decoded).toBeLessThanOrEqual(seconds * 25);
    }
  });

  it("that are outside of the clip, or of a clip that is damaged, are left out by themselves", async () => {
    const asked = [
      { startS: 100, endS: 110 },
      { startS: 2, endS: null },
    ];
    const made = await pool.spans(clip, { settings, spans: asked }, never);
    if (made.kind === "rejected") throw new Error(made.rejection.detail);
    const [outside, open] = made.clips;
    expect(outside).toMatchObject({ kind: "rejected", rejection: { code: "zero_frames" } });
    expect(open).toMatchObject({ kind: "frames", wanted: 22 });
    const broken = { name: "b.mp4", bytes: Buffer.from("no clip at all, whatever its name says") };
    expect(await pool.spans(broken, { settings, spans: asked }, never)).toMatchObject({ kind: "rejected" });
  });

  it("of more pixels than are held at once are made in several goes", async () => {
    const large = { ...settings, size: 1024, maxFrames: 64, fps: 1 };
    const made = await pool.spans(clip, { settings: large, spans: spans.slice(0, 3) }, never);
    expect(made.kind === "spans" ? made.clips.map(({ kind }) => kind) : []).toEqual(Array(3).fill("frames"));
  });
});

describe("a stretch", () => {
  it("has the frames that ffmpeg shows of the cut-out clip, within one", async () => {
    for (const { startS, endS } of spans.slice(0, 4)) {
      const cut = `trim=start=${startS}:end=${endS ?? seconds},setpts=PTS-STARTPTS,fps=1`;
      const reference = ffmpegReference(path, { fps: cut });
      const raw = await decodeWithLibav(clip, { ...defaultRecipe, spans: [{ startS, endS }] }, never);
      if (raw.kind === "rejected") throw new Error(raw.rejection.detail);
      expect(Math.abs(raw.frames.length - reference.frames.length)).toBeLessThanOrEqual(1);
      for (const [at, timeS] of raw.timesS.slice(0, reference.timesS.length).entries())
        expect(Math.abs(timeS - (reference.timesS[at] ?? 0))).toBeLessThanOrEqual(1 / 25 + 1e-9);
    }
  });
});
