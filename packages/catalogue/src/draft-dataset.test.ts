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
  return { dataset: parsed.value, remarks, yaml, found: discoverParts(parsed.value, files) };
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

  it.each([
    [["v_0.zip.001", "v_0.zip.002", "v_1.zip.001"], "v_{part}.zip", "v_{part}.zip.{piece}", "zip"],
    [["v_0.tar.part1", "v_0.tar.part2", "v_1.tar"], "v_{part}.tar", "v_{part}.tar.part{piece}", "tar"],
    [["v_0.tar.gz.partaa", "v_0.tar.gz.partab"], "v_{part}.tar.gz", "v_{part}.tar.gz.part{piece}", "tar.gz"],
    [["all.zip.001", "all.zip.002"], "all.zip", "all.zip.{piece}", "zip"],
  ])("of pieces that name their archive, such as %s, joins them", (paths, path, pieces, archive) => {
    const { dataset, found } = drafted([...paths, "cap.csv"], { "cap.csv": ["video", "caption"] });
    expect(dataset.parts).toMatchObject([{ archive, path, pieces }]);
    expect(found.parts.every(({ kind }) => kind === "present")).toBe(true);
    expect(found.parts.flatMap((part) => (part.kind === "present" ? part.pieces : []))).toHaveLength(
      paths.length,
    );
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

  it("of a URL list's shape takes the tables for parts and the links for members", () => {
    const { dataset, found, remarks } = drafted(["results_0.csv", "results_1.csv", "README.md"], {
      "results_1.csv": ["videoid", "contentUrl", "duration", "page_dir", "name"],
    });
    expect(dataset.parts).toMatchObject([{ archive: "urls", path: "results_{part}.csv" }]);
    expect(found.parts.map(({ part, kind }) => [part, kind])).toEqual([
      [0, "present"],
      [1, "present"],
    ]);
    expect(dataset.annotations).toEqual({ kind: "links", format: "csv", url: "contentUrl", id: "videoid" });
    expect(dataset).toMatchObject({ media: "video", text: { adapter: "caption", caption: "name" } });
    expect(remarks.join("; ")).toMatch(/maxFailureShare is 1/);
  });

  it("of links in a parquet series does not take them for rows of pictures", () => {
    const { dataset } = drafted(["part-00000-of-00002.parquet", "part-00001-of-00002.parquet"], {
      "part-00000-of-00002.parquet": ["URL", "TEXT", "WIDTH"],
    });
    expect(dataset.parts).toMatchObject([{ archive: "urls", path: "part-{part}-of-{of}.parquet" }]);
    expect(dataset).toMatchObject({
      media: "images",
      annotations: { kind: "links", format: "parquet", url: "URL" },
      text: { caption: "TEXT" },
    });
  });

  it("of rows with pictures takes the columns that are there", () => {
    const { dataset } = drafted(["train-00000-of-00001.parquet"], {
      "train-00000-of-00001.parquet": ["image", "question", "choices", "answer"],
    });
    expect(dataset).toMatchObject({
      annotations: { kind: "inline", images: "image" },
      text: { adapter: "multiple-choice", options: "choices" },
    });
  });

  it.each([
    [["role", "messages"], { adapter: "conversations", conversations: "messages" }],
    [
      ["prompt", "chosen", "rejected"],
      { adapter: "preference", prompt: "prompt", chosen: "chosen", rejected: "rejected" },
    ],
    [["question", "answer"], { adapter: "question-answer", question: "question" }],
  ])("of a table of %s that names nothing to look at takes its rows for text", (columns, text) => {
    const { dataset } = drafted(["a_0.jsonl", "a_1.jsonl", "readme.md"], { "a_1.jsonl": columns });
    expect(dataset.parts).toMatchObject([{ archive: "table", path: "a_{part}.jsonl" }]);
    expect(dataset).toMatchObject({ media: "none", annotations: { kind: "rows", format: "jsonl" }, text });
  });

  it("of a parquet series of conversations reads it by range", () => {
    const path = "train-00000-of-00001.parquet";
    const { dataset } = drafted([path], { [path]: ["messages", "source"] });
    expect(dataset.parts).toMatchObject([{ archive: "parquet" }]);
    expect(dataset).toMatchObject({ media: "none", annotations: { kind: "inline" } });
  });

  it("of pairs about pictures takes both", () => {
    const path = "train-00000-of-00001.parquet";
    const { dataset } = drafted([path], { [path]: ["image", "question", "chosen", "rejected"] });
    expect(dataset).toMatchObject({
      media: "pair",
      annotations: { images: "image" },
      text: { prompt: "question" },
    });
  });

  it("of questions about pictures that are not there makes no text", () => {
    const { lacks } = draftDataset({
      title: "vqa",
      source: { kind: "folder" },
      files: [file("vqa.json")],
      columns: { "vqa.json": ["image_id", "question", "answer"] },
    });
    expect(lacks).toMatch(/holds no clip/);
  });

  it("takes the table that names media, in whatever format, not the largest file", () => {
    const { dataset, remarks } = drafted(
      ["clips_1.tar", "a-very-long-name-of-statistics.csv", "records.parquet", "more.jsonl"],
      {
        "a-very-long-name-of-statistics.csv": ["fps", "count"],
        "records.parquet": ["video_path", "question", "answer"],
        "more.jsonl": ["video", "caption"],
      },
    );
    expect(dataset.parts).toMatchObject([{ archive: "tar" }]);
    expect(dataset.annotations).toMatchObject({
      key: "video_path",
      files: [{ path: "records.parquet", format: "parquet" }],
    });
    expect(dataset.text).toMatchObject({ adapter: "question-answer" });
    expect(remarks.join("; ")).toMatch(/more\.jsonl may hold records too/);
  });

  it("of parts that are all in pieces finds them", () => {
    const { found } = drafted(["set/x_part_15_part_aa", "set/x_part_15_part_ab", "captions.csv"]);
    expect(found.parts).toMatchObject([{ part: 15, kind: "present", subset: "set" }]);
  });

  it.each([
    [["a.mp4", "b.MOV", "captions.csv"], "*", "captions.csv", "video"],
    [["clips/a.mp4", "captions.csv"], "clips/*", "captions.csv", "video"],
    [["data/x/1.jpg", "data/y/2.png", "data/metadata.jsonl"], "data/**", "data/metadata.jsonl", "images"],
    [["train/a.webm", "test/b.webm", "thumbs/a.jpg", "meta.csv"], "**", "meta.csv", "video"],
    [["图片/一.jpg", "metadata.csv"], "图片/*", "metadata.csv", "images"],
  ])("of loose media, such as %s, takes them for one part", (paths, path, table, media) => {
    const { dataset, found } = drafted(paths, { [table]: ["file_name", "text"] });
    expect(dataset).toMatchObject({
      media,
      parts: [{ archive: "images", path }],
      annotations: { key: "file_name", files: [{ path: table }], match: ["exact", "basename", "stem"] },
      text: { adapter: "caption", caption: "text" },
    });
    // The table lies among them and is none of them.
    const named = found.parts.flatMap((part) => (part.kind === "present" ? part.pieces : []));
    expect(named.map((piece) => piece.path)).not.toContain(table);
    expect(named.length).toBeGreaterThan(0);
  });

  it("reads tables of other endings too, and takes GIFs among pictures for pictures", () => {
    const { dataset } = drafted(["a.gif", "b.webp", "captions.TSV"], {
      "captions.TSV": ["file_name", "text"],
    });
    expect(dataset.media).toBe("images");
    expect(dataset.annotations).toMatchObject({ files: [{ path: "captions.TSV", format: "csv" }] });
    const lines = drafted(["a.mp4", "b.gif", "x.ndjson"], { "x.ndjson": ["video", "text"] }).dataset;
    expect(lines.media).toBe("video");
    expect(lines.annotations).toMatchObject({ files: [{ path: "x.ndjson", format: "jsonl" }] });
    expect(drafted(["a.gif", "b.gif", "x.csv"], { "x.csv": ["video", "text"] }).dataset.media).toBe("video");
  });

  it("has a name of its own where letters of the folder's cannot be in one", () => {
    const nameOf = (title: string) => draftDataset({ title, source: { kind: "folder" }, files: [] }).name;
    expect(nameOf("My clips")).toBe("my-clips");
    const names = ["мои", "твои", "3 классы", "3 ряда", "数据", "🙂"].map(nameOf);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9-]+$/);
    expect(names[2]).toMatch(/^3-x/);
    expect(nameOf("---")).toBe("my-dataset");
  });

  it("says which of clips and pictures it took", () => {
    const { remarks } = drafted(["a.mp4", "a.jpg", "b.jpg", "c.csv"], { "c.csv": ["video", "caption"] });
    expect(remarks.join("; ")).toMatch(/1 clips, not of the 2 pictures/);
  });

  it("says what it could not see", () => {
    const { remarks } = draftDataset({ title: "x", source: { kind: "folder" }, files: [file("a.txt")] });
    expect(remarks.join("; ")).toMatch(/no archive was found.*no annotation file was found/);
  });
});
