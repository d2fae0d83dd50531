import { describe, expect, it } from "vitest";
import { discoverParts, draftDataset, parseDataset } from "./index.ts";

const file = (path: string, sizeBytes = 10) => ({ path, sizeBytes, sha256: null, oid: null });

/** A draft is worth something when it parses and finds what it was drafted from. */
function drafted(paths: string[], columns: Record<string, string[]> = {}) {
  const files = paths.map((path) => file(path, path.length));
  const { yaml, remarks } = draftDataset({
    title: "owner/My_Set",
    source: { kind: "hub", repo: "owner/My_Set" },
    files,
    columns,
  });
  const parsed = parseDataset(yaml, "my-set.yaml");
  if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems));
  return { dataset: parsed.dataset, remarks, yaml, found: discoverParts(parsed.dataset, files) };
}

describe("a draft", () => {
  it("of OpenVid's shape finds zips, pieces and the table", () => {
    const { dataset, found } = drafted(
      [
        "OpenVid_part0.zip",
        "OpenVid_part10.zip",
        "OpenVid_part73_partaa",
        "OpenVid_part73_partab",
        "data/train/OpenVid-1M.csv",
      ],
      { "data/train/OpenVid-1M.csv": ["video", "caption", "fps"] },
    );
    expect(dataset.parts).toMatchObject([
      { archive: "zip", path: "OpenVid_part{part}.zip", pieces: "OpenVid_part{part}_part{piece}" },
    ]);
    expect(found.parts.map(({ part, kind }) => [part, kind])).toEqual([
      [0, "present"],
      [10, "present"],
      [73, "present"],
    ]);
    expect(dataset.annotations).toMatchObject({ key: "video" });
    expect(dataset.text).toMatchObject({ adapter: "caption", caption: "caption" });
    expect(found.annotationFiles).toHaveLength(1);
  });

  it("of The Cauldron's shape finds its series and takes the records to be in the rows", () => {
    const { dataset, found } = drafted([
      "ai2d/train-00000-of-00001-2ce340398c113b79.parquet",
      "vqav2/train-00000-of-00002-2ce340398c113b79.parquet",
      "vqav2/train-00001-of-00002-2ce340398c113b70.parquet",
    ]);
    expect(dataset.parts[0]?.path).toBe("{subset}/train-{part}-of-{of}-{hash}.parquet");
    expect(dataset.annotations.kind).toBe("inline");
    expect(found.parts.every(({ kind }) => kind === "present")).toBe(true);
    expect(found.parts).toHaveLength(3);
  });

  it("of VISTA's and LLaVA-Video's shapes finds the subset in the file's name too", () => {
    const { dataset, found } = drafted(
      ["task_a/task_a_1.tar", "task_b/task_b_2.tar", "0_30_s_x/0_30_s_x_videos_11.tar.gz", "a.json"],
      {
        "a.json": ["image", "conversations"],
      },
    );
    expect(dataset.parts.map(({ archive, path }) => [archive, path])).toEqual([
      ["tar", "{subset}/{subset}_{part}.tar"],
      ["tar.gz", "{subset}/{subset}_videos_{part}.tar.gz"],
    ]);
    expect(found.parts).toHaveLength(3);
    expect(dataset.annotations).toMatchObject({ key: "image", files: [{ path: "a.json", format: "json" }] });
    expect(dataset.text.adapter).toBe("conversations");
  });

  it("of parts that are all in pieces finds them", () => {
    const { found } = drafted(["set/x_part_15_part_aa", "set/x_part_15_part_ab", "captions.csv"]);
    expect(found.parts).toMatchObject([{ part: 15, kind: "present", subset: "set" }]);
  });

  it("says what it could not see", () => {
    const { remarks } = draftDataset({ title: "x", source: { kind: "folder" }, files: [file("a.txt")] });
    expect(remarks.join("; ")).toMatch(/no archive was found.*no annotation file was found/);
  });
});
