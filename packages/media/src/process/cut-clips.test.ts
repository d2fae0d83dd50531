import { readFileSync, rmSync } from "node:fs";
import { defaultRecipe } from "@shardmill/core";
import { afterAll, expect, it } from "vitest";
import { ClipWorkshop, x264 } from "../../testing/clip-workshop.ts";
import { testFfmpeg, testFolder } from "../../testing/make-clip.ts";
import { decodeWithLibav } from "../libav/decode-with-libav.ts";
import type { RawClip } from "../raw-clip.ts";
import { decodeWithProcess } from "./decode-with-process.ts";
import { corruptFrames } from "./read-shown-frames.ts";

const folder = testFolder();
const shop = new ClipWorkshop(folder);
const never = new AbortController().signal;
const settings = { ...defaultRecipe, size: 64 };
afterAll(() => rmSync(folder, { recursive: true }));

/** What of a clip stands in its sample, in one line. */
function told(clip: RawClip): string {
  if (clip.kind === "rejected") return clip.rejection.code;
  return `${clip.frames.length} of ${clip.wanted} frames, ${clip.complete ? "complete" : "not complete"}`;
}

it.each(["ts", "avi"])(
  "a %s that is cut within a picture is told in one way, however the lines of ffmpeg's threads mix",
  async (container) => {
    const whole = readFileSync(shop.take("a", `cut.${container}`, x264("keyint=25:bframes=2")));
    const bytes = whole.subarray(0, Math.floor(whole.length * 0.53));
    const clip = { name: `cut.${container}`, bytes };
    const said = new Set<string>([told(await decodeWithLibav(clip, settings, never))]);
    for (let time = 0; time < 8; time += 1)
      said.add(told(await decodeWithProcess(clip, settings, never, { ffmpegPath: testFfmpeg })));
    expect([...said]).toHaveLength(1);
  },
);

it("a frame is counted also where its line goes on from another thread's", () => {
  const log = [
    "[info] User Data=7832decoder -> pts:0 pts_time:0",
    "[info] decoder -> pts:1 pts_time:1",
    "[warning] corrupt decoded frame",
    "[info] decoder -> pts:2 pts_time:2",
  ];
  expect([...corruptFrames(log)]).toEqual([2]);
});
