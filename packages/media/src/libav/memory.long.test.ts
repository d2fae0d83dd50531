import { rmSync } from "node:fs";
import { defaultRecipe } from "@shardmill/core";
import { afterAll, describe, expect, it } from "vitest";
import { makeClip, readClip, testFolder } from "../../testing/make-clip.ts";
import { decodeWithLibav } from "./decode-with-libav.ts";

const folder = testFolder();
afterAll(() => rmSync(folder, { recursive: true }));

describe("memory", () => {
  it("does not grow with the number of clips, good and bad", { timeout: 120_000 }, async () => {
    const { bytes } = readClip(makeClip(folder, "clip.mp4", { seconds: 1, size: "64x64" }));
    const clips = [bytes, bytes.subarray(0, bytes.length / 2), new Uint8Array(5000)];
    const { signal } = new AbortController();
    const run = async (count: number) => {
      for (let index = 0; index < count; index += 1)
        await decodeWithLibav({ name: "clip", bytes: clips[index % 3] ?? bytes }, defaultRecipe, signal);
      return process.memoryUsage().rss;
    };
    const warm = await run(1000);
    // A reader for each clip would lose 64 KiB or more of every one: 150 MB in all.
    expect((await run(2400)) - warm).toBeLessThan(60_000_000);
  });
});
