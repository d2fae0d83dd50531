import { defaultRecipe } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { childRequestSchema } from "./requests.ts";

const frames = {
  kind: "frames",
  name: "a.mp4",
  settings: defaultRecipe,
  ffmpegPath: null,
};

describe("what a pool asks of its child", () => {
  it("arrives as it was sent, without the rest of the recipe", () => {
    const read = childRequestSchema.parse(JSON.parse(JSON.stringify(frames)));
    const { samplesPerShard: _1, records: _2, media: _3, text: _4, turns: _5, ...settings } = frames.settings;
    expect(read).toEqual({ ...frames, settings });
    expect(childRequestSchema.parse({ kind: "load", decoder: "libav", ffmpegPath: null })).toEqual({
      kind: "load",
      decoder: "libav",
      ffmpegPath: null,
    });
  });

  it("is refused when a setting is missing or is none: nothing is filled in on the way", () => {
    const { quality: _, ...lacking } = frames.settings;
    const wrong = [
      { ...frames, settings: lacking },
      { ...frames, settings: { ...frames.settings, size: "224" } },
      { ...frames, settings: { ...frames.settings, decoder: "another" } },
      { kind: "image", settings: frames.settings },
      { kind: "nonsense" },
      null,
    ];
    for (const request of wrong) expect(childRequestSchema.safeParse(request).success).toBe(false);
  });
});
