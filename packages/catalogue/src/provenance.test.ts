import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type MediaFacts, mapRoots, parseDataset, provenanceTable } from "./index.ts";

const yaml = readFileSync(new URL("../../../config/datasets/llava-video-178k.yaml", import.meta.url), "utf8");
const parsed = parseDataset(yaml, "llava-video-178k.yaml");
if (parsed.kind === "invalid") throw new Error("the shipped entry is invalid");
const dataset = parsed.value;

async function* records(): AsyncGenerator<{ subset: string | null; media: string }> {
  const youtube = "0_30_s_youtube_v0_1";
  for (const id of ["a", "b", "c"])
    yield { subset: youtube, media: `liwei_youtube_videos/videos/y/ytb_${id}.mp4` };
  for (const id of ["1", "2"])
    yield { subset: "30_60_s_academic_v0_1", media: `academic_source/Charades/${id}.mp4` };
  yield { subset: "30_60_s_academic_v0_1", media: "academic_source/youcook2/v/1.mkv" };
  yield { subset: "llava_hound", media: "shareVideoGPTV/frames/all_frames/x" };
  yield { subset: "llava_hound", media: "elsewhere/x.mp4" };
  yield { subset: youtube, media: "new_folder/x.mp4" };
}

const facts: MediaFacts = {
  partsOf: (subset) => (subset === "llava_hound" ? "none" : "unread"),
  isSeen: (_, media) => media.endsWith("ytb_a.mp4"),
  isLocal: (media) => media === "academic_source/Charades/1.mp4",
};

describe("the table of provenance", () => {
  it("counts each record under its prefix and place", async () => {
    const table = await provenanceTable(dataset, records(), facts);
    const told = table
      .filter((row) => row.records > 0)
      .map(({ prefix, records: count, places }) => [
        prefix,
        count,
        Object.fromEntries(Object.entries(places).filter(([, n]) => n > 0)),
      ]);
    expect(told).toEqual([
      ["academic_source/Charades/", 2, { external: 1, local: 1 }],
      ["academic_source/youcook2/", 1, { external: 1 }],
      ["elsewhere/", 1, { unknown: 1 }],
      ["liwei_youtube_videos/", 3, { hosted: 1, expected: 2 }],
      ["new_folder/", 1, { expected: 1 }],
      ["shareVideoGPTV/", 1, { mixed: 1 }],
    ]);
    for (const { upstream, remedy, prefix } of table.filter((row) => row.upstream !== null)) {
      expect([prefix, upstream]).not.toContain("");
      expect(remedy).not.toBe("");
    }
  });

  it("tells what is in no part once all have been read", async () => {
    const table = await provenanceTable(dataset, records(), { ...facts, partsOf: () => "read" });
    const youtube = table.find(({ prefix }) => prefix === "liwei_youtube_videos/");
    expect(youtube?.places).toMatchObject({ hosted: 1, absent_in_parts: 2, expected: 0 });
  });
});

describe("a root", () => {
  const roots = { "academic_source/": "/all", "academic_source/Charades/": "/data/charades" };
  it("of the longest prefix stands for it, as named or flattened", () => {
    expect(mapRoots(roots, "academic_source/Charades/deep/x.mp4")).toEqual({
      prefix: "academic_source/Charades/",
      folder: "/data/charades",
      candidates: ["deep/x.mp4", "x.mp4"],
    });
    expect(mapRoots(roots, "academic_source/ego4d/x.mp4")?.candidates).toEqual(["ego4d/x.mp4", "x.mp4"]);
    expect(mapRoots(roots, "other/x.mp4")).toBeNull();
  });

  it("is never left by way of a record", () => {
    for (const media of ["academic_source/../x.mp4", "academic_source/", "academic_source/a\\..\\..\\x.mp4"])
      expect(mapRoots(roots, media)).toBeNull();
  });
});
