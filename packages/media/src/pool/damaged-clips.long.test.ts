import { setMaxListeners } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { defaultRecipe, type MediaIncident } from "@shardmill/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { damaged, seededFraction } from "../../testing/damage.ts";
import { makeClip, testFfmpeg, testFolder } from "../../testing/make-clip.ts";
import { mediaChildren, residentMib } from "../../testing/processes.ts";
import { openMediaPool } from "./open-media-pool.ts";

const never = new AbortController().signal;
// All clips of a round wait with it.
setMaxListeners(0, never);
const folder = testFolder();
const clips: Uint8Array[] = [];

beforeAll(() => {
  const x264 = ["-c:v", "libx264", "-preset", "veryfast"];
  const kinds: [string, string[]][] = [
    ["index-behind.mp4", x264],
    ["index-in-front.mp4", [...x264, "-movflags", "+faststart"]],
    ["fragments.mp4", [...x264, "-g", "12", "-movflags", "+frag_keyframe+empty_moov"]],
    ["a.mkv", x264],
    ["a.ts", x264],
    ["a.avi", ["-c:v", "mpeg4", "-bf", "2"]],
    ["a.webm", ["-c:v", "libvpx-vp9", "-cpu-used", "8", "-deadline", "realtime"]],
    ["hevc.mp4", ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error"]],
  ];
  for (const [name, options] of kinds)
    clips.push(readFileSync(makeClip(folder, name, { seconds: 2.5, size: "128x96", options })));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("damaged clips", () => {
  for (const [decoder, count] of [
    ["libav", 1000],
    ["process", 100],
  ] as const) {
    it(`are all accounted for: ${count} through ${decoder}`, async () => {
      const incidents: MediaIncident[] = [];
      const onIncident = (incident: MediaIncident): void => void incidents.push(incident);
      const pool = await openMediaPool({ size: 2, decoder, ffmpegPath: testFfmpeg, onIncident });
      const settings = { ...defaultRecipe, decoder, size: 64 };
      const random = seededFraction(20261121);
      const fates = new Map<string, number>();
      const inputs = Array.from({ length: count }, (_, index) => ({
        name: `clip ${index}`,
        bytes: damaged(clips, random),
      }));
      try {
        await Promise.all(
          inputs.map(async (clip) => {
            const result = await pool.frames(clip, settings, never);
            const fate = result.kind === "frames" ? "frames" : result.rejection.code;
            fates.set(fate, (fates.get(fate) ?? 0) + 1);
          }),
        );
      } finally {
        await pool.close();
      }
      console.info(decoder, Object.fromEntries(fates), `${incidents.length} incidents`);
      expect([...fates.values()].reduce((sum, value) => sum + value, 0)).toBe(count);
      expect(fates.get("frames")).toBeGreaterThan(count / 5);
    });
  }

  it("leave no memory behind: 2,000 clips through one child", async () => {
    const pool = await openMediaPool({ size: 1, decoder: "libav", recycleAfterClips: 1_000_000 });
    const settings = { ...defaultRecipe, size: 64 };
    const random = seededFraction(7);
    const residentAfter: number[] = [];
    try {
      for (let index = 1; index <= 2000; index += 1) {
        const bytes =
          index % 2 === 0 ? damaged(clips, random) : (clips[index % clips.length] ?? new Uint8Array());
        await pool.frames({ name: `clip ${index}`, bytes }, settings, never);
        if (index % 500 === 0) residentAfter.push(Math.max(...mediaChildren().map(residentMib)));
      }
    } finally {
      await pool.close();
    }
    console.info("MiB after each 500 clips:", residentAfter.map(Math.round).join(" "));
    expect((residentAfter.at(-1) ?? 0) - (residentAfter[0] ?? 0)).toBeLessThan(40);
  });
});
