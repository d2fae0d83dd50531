import { describe, expect, it } from "vitest";
import { lookAtSample } from "../verify/look-at-sample.ts";
import { framesOf, layoutSeen, locatedFrames } from "./frames-of.ts";
import type { Sample } from "./sample.ts";

const look = lookAtSample({ deep: false, frameSize: null });
const file = (suffix: string, text: string) => ({ suffix, bytes: Buffer.from(text) });
const sample = (metadata: unknown, ...files: Sample["members"]): Sample => ({
  key: "k",
  members: [...files, file("json", JSON.stringify(metadata))],
});
const problemsOf = async (metadata: unknown, ...files: Sample["members"]) =>
  (await look(sample(metadata, ...files))).problems.map(({ detail }) => detail);

describe("the pictures of a sample", () => {
  it("are its files", () => {
    const files = [file("000.jpg", "a"), file("001.jpg", "b")];
    expect(framesOf({ members: files }, {}).map(({ name }) => name)).toEqual(["000.jpg", "001.jpg"]);
    expect(layoutSeen(files, {})).toBe("frames");
  });

  it("are stretches of the one that holds them all", () => {
    const members = [{ suffix: "frames.bin", dataOffset: 512, sizeBytes: 5 }];
    expect(locatedFrames(members, { frame_offsets: [0, 2, 5] })).toEqual([
      { suffix: "frames.bin[0]", dataOffset: 512, sizeBytes: 2 },
      { suffix: "frames.bin[1]", dataOffset: 514, sizeBytes: 3 },
    ]);
    expect(layoutSeen(members, {})).toBe("packed");
  });

  it("are not those that fill it up", () => {
    const files = ["000", "001", "002"].map((name) => file(`${name}.jpg`, name));
    expect(framesOf({ members: files }, { frame_padding: 2 }).map(({ name }) => name)).toEqual(["000.jpg"]);
    expect(layoutSeen(files, { frame_padding: 0 })).toBe("fixed");
  });

  it.each([
    ["none", undefined],
    ["no list", "0,5"],
    ["words", ["0", "5"]],
    ["from the middle", [1, 5]],
    ["beyond the end", [0, 6]],
    ["before the end", [0, 4]],
    ["falling", [0, 4, 3, 5]],
    ["fractions", [0, 2.5, 5]],
  ])("are none where their offsets are wrong: %s", async (_, offsets) => {
    const packed = file("frames.bin", "abcde");
    expect(framesOf({ members: [packed] }, { frame_offsets: offsets })).toEqual([]);
    expect(await problemsOf({ frame_count: 1, frame_offsets: offsets }, packed)).toEqual([
      "k: frame_count says 1, its frame_offsets do not fit frames.bin",
    ]);
  });
});

describe("a look at a sample", () => {
  it("counts what it shows", async () => {
    const packed = sample({ frame_count: 2, frame_offsets: [0, 2, 5] }, file("frames.bin", "abcde"));
    expect(await look(packed)).toEqual({ frames: 2, problems: [] });
    const fixed = sample({ frame_count: 1, frame_padding: 1 }, file("000.jpg", "a"), file("001.jpg", "a"));
    expect(await look(fixed)).toEqual({ frames: 1, problems: [] });
  });

  it("tells other counts, and what fills a sample up and is not its last picture", async () => {
    const files = [file("000.jpg", "a"), file("001.jpg", "b")];
    expect(await problemsOf({ frame_count: 1, frame_padding: 1 }, ...files)).toEqual([
      "k.001.jpg fills the sample up, and is not its last frame",
    ]);
    expect(await problemsOf({ frame_count: 2, frame_padding: 1 }, ...files)).toContain(
      "k: frame_count says 2, the tar has 1 frames",
    );
  });
});
