import {
  type Dataset,
  datasetSchema,
  defaultRecipe,
  type MediaPool,
  type PartPlan,
  type Recipe,
} from "@shardmill/core";
import { describe, expect, it } from "vitest";
import type { BuildContext } from "../context/build-context.ts";
import type { Work } from "../stream/stream-item.ts";
import { makeSample } from "./make-sample.ts";

const info = { durationS: 2, width: 64, height: 48, fps: 25, codec: "h264" };
const jpeg = Buffer.from("a picture");

/** Every clip has two frames, and every picture is one. */
const pool: MediaPool = {
  size: 1,
  frames: async () => ({
    kind: "frames",
    frames: [jpeg, jpeg],
    timesS: [0, 1],
    info,
    wanted: 2,
    decoded: 2,
    complete: true,
    decodeErrors: 0,
    remarks: [],
    seconds: 0,
    attempts: 1,
  }),
  spans: async (_clip, { spans }) => ({
    kind: "spans",
    clips: spans.map(({ startS, endS }) =>
      startS >= 100
        ? { kind: "rejected", rejection: { code: "zero_frames", detail: "nothing there" } }
        : {
            ...{ kind: "frames", frames: [jpeg], timesS: [0.5], wanted: 1, decoded: 3, complete: true },
            ...{ decodeErrors: 0, remarks: [], info: { ...info, durationS: (endS ?? 2) - startS } },
          },
    ),
    seconds: 1,
    attempts: 1,
  }),
  image: async () => ({ kind: "image", jpeg, width: 8, height: 6, attempts: 1 }),
  close: async () => undefined,
};

interface Case {
  readonly media?: Dataset["media"];
  readonly annotations?: unknown;
  readonly parts?: readonly { archive: string; path: string }[];
  readonly records?: Recipe["records"];
  readonly turns?: Recipe["turns"];
  readonly where?: string;
  readonly text?: unknown;
  readonly bounds?: unknown;
  readonly sourceName?: string;
  readonly plan?: Partial<Pick<PartPlan, "archive" | "pieces">>;
  readonly work: Work;
}

async function samplesOf({ work, plan, records = "merge", turns = "together", where, ...entry }: Case) {
  const dataset = datasetSchema.parse({
    ...{ name: "x", title: "x", keyPrefix: "x", sourceName: "x", license: "x" },
    source: { kind: "folder" },
    parts: [{ archive: "zip", path: "x{part}.zip" }],
    media: "video",
    annotations: { kind: "files", files: [{ path: "x.csv", format: "csv" }], key: "name" },
    text: { adapter: "caption" },
    ...entry,
  });
  const context = { dataset, build: { recipe: { ...defaultRecipe, records, turns, where } } } as BuildContext;
  const part = { subset: null, part: 3, archive: "zip" as const, pieces: [], ...plan };
  let decoded = 0;
  const counting: MediaPool = {
    ...pool,
    frames: (...asked) => {
      decoded += 1;
      return pool.frames(...asked);
    },
    spans: (...asked) => {
      decoded += 1;
      return pool.spans(...asked);
    },
  };
  const { samples, line, annotationsUsed } = await makeSample(context, part, work, {
    pool: counting,
    texts: null,
    signal: new AbortController().signal,
  });
  return {
    line,
    decoded,
    annotationsUsed,
    keys: samples.map(({ key }) => key),
    suffixes: samples.map(({ members }) => members.map(({ suffix }) => suffix).join(" ")),
    json: samples.map(({ members }) => JSON.parse(Buffer.from(members.at(-1)?.bytes ?? []).toString())),
  };
}

const said = (caption: string) => ({ set: "records", fields: { caption } });
const clip = { kind: "file", bytes: Buffer.from("a clip") } as const;

function workOf(
  name: string,
  content: Extract<Work["streamed"], { kind: "member" }>["content"],
  captions: string[],
  at = {},
): Work {
  return {
    planned: { position: 12, name, at, records: captions.map(said) },
    streamed: { kind: "member", position: 12, name, content, sizeBytes: 1 },
  };
}

describe("of a member that is not asked for", () => {
  const fields = { score: { from: "score", type: "int" } };
  const scored = (...scores: number[]): Work => {
    const work = workOf("b.mp4", clip, []);
    const records = scores.map((score) => ({ set: "records", fields: { caption: `${score}`, score } }));
    return { ...work, planned: { ...work.planned, records } };
  };
  const of = (where: string, scores: number[], more: Partial<Case> = {}) =>
    samplesOf({ fields, where, work: scored(...scores), ...more } as Case);

  it("nothing is decoded where its record says so, and the rule is told", async () => {
    const made = await of("score > 5 and duration > 1", [3]);
    expect(made).toMatchObject({ keys: [], decoded: 0, annotationsUsed: 1 });
    expect(made.line).toMatchObject({
      outcome: "skipped",
      code: "filtered",
      detail: "score > 5",
      frames: null,
    });
  });

  it("no sample is made where its pictures say so", async () => {
    const made = await of("score > 5 and duration > 2", [7]);
    expect(made).toMatchObject({ keys: [], decoded: 1, annotationsUsed: 1 });
    expect(made.line).toMatchObject({ outcome: "skipped", code: "filtered", detail: "duration > 2" });
    expect((await of("width in (64) and frames == 2 and fps < 30 and duration <= 2", [7])).keys).toHaveLength(
      1,
    );
  });

  it("each record is asked by itself where each makes a sample, and those that are left out are told", async () => {
    const made = await of("score > 5 or caption == '1'", [1, 2, 9], { records: "each" });
    expect(made.keys).toEqual(["x-p0003-000012-0", "x-p0003-000012-2"]);
    expect(made.line.detail).toBe(`1 of 3 records are left out (filtered: score > 5 or caption == "1")`);
    const mixed = await of("score > 5 or frames > 2", [1, 9], { records: "each" });
    expect(mixed.keys).toEqual(["x-p0003-000012-1"]);
    expect(mixed.line.detail).toBe("1 of 2 samples are left out (filtered: score > 5 or frames > 2)");
  });

  it("each stretch is asked by itself", async () => {
    const work = workOf("b.mp4", clip, []);
    const records = [1, 5].map((end) => ({ set: "records", fields: { caption: `${end}`, start: 0, end } }));
    const made = await samplesOf({
      bounds: { start: "start", end: "end" },
      where: "duration > 2",
      work: { ...work, planned: { ...work.planned, records } },
    });
    expect(made.json).toMatchObject([{ caption: "5", duration: 5 }]);
    expect(made.line.detail).toContain("1 of 2 stretches are left out (filtered: duration > 2)");
  });
});

describe("a member becomes", () => {
  it("one sample of its frames and its text", async () => {
    const made = await samplesOf({ work: workOf("a/b.1.mp4", clip, ["A dog."]) });
    expect(made.keys).toEqual(["x-p0003-000012"]);
    expect(made.suffixes).toEqual(["000.jpg 001.jpg json"]);
    expect(made.json).toMatchObject([
      { caption: "A dog.", video_id: "b.1", member: "a/b.1.mp4", frame_count: 2 },
    ]);
  });

  it("a sample of each record where the recipe says so, and its key says which also where there is but one", async () => {
    const each = (...captions: string[]) =>
      samplesOf({ records: "each", work: workOf("b.mp4", clip, captions) });
    expect((await each("A", "B")).keys).toEqual(["x-p0003-000012-0", "x-p0003-000012-1"]);
    expect((await each("A")).keys).toEqual(["x-p0003-000012-0"]);
    const lacking = await each(" ", "B");
    expect(lacking.keys).toEqual(["x-p0003-000012-1"]);
    expect(lacking.line).toMatchObject({
      key: "x-p0003-000012-1",
      detail: expect.stringContaining("1 of 2"),
    });
  });

  it("a sample of each turn where the recipe says so, with the same pictures, and none of a turn without an answer", async () => {
    const talk = (...texts: string[]) => ({
      set: "records",
      fields: { conversations: texts.map((value, at) => ({ from: at % 2 === 0 ? "human" : "gpt", value })) },
    });
    const text = { adapter: "conversations" };
    const plain = workOf("b.mp4", clip, []);
    const work = {
      ...plain,
      planned: { ...plain.planned, records: [talk("1", "a", "2", "b"), talk("3", "c", "4", " ")] },
    };
    const merged = await samplesOf({ text, turns: "each", work });
    expect(merged.keys).toEqual(["x-p0003-000012-t0", "x-p0003-000012-t1", "x-p0003-000012-t2"]);
    expect(merged.json.map(({ user, assistant }) => [user, assistant])).toEqual([
      ["1", "a"],
      ["2", "b"],
      ["3", "c"],
    ]);
    expect(new Set(merged.suffixes)).toEqual(new Set(["000.jpg 001.jpg json"]));
    expect(merged.json.map(({ caption, conversations }) => [caption, conversations.length])).toEqual([
      ["a", 1],
      ["b", 1],
      ["c", 1],
    ]);
    const both = await samplesOf({ text, turns: "each", records: "each", work });
    expect(both.keys).toEqual(["x-p0003-000012-0-t0", "x-p0003-000012-0-t1", "x-p0003-000012-1-t0"]);
  });

  it("a sample of each stretch that its records speak of, of one decode, and none of what is not there", async () => {
    const cut = (question: string, start: unknown, end: unknown) => ({
      set: "action",
      fields: { question, answer: "a", start, end },
    });
    const plain = workOf("b.mp4", clip, []);
    const records = [cut("1", "00:00:01.5", 4), cut("2", 5, 4), cut("3", 100, 110), cut("4", null, null)];
    const made = await samplesOf({
      text: { adapter: "question-answer" },
      bounds: { start: "start", end: "end" },
      sourceName: "bench/{set}",
      work: { ...plain, planned: { ...plain.planned, records } },
    });
    expect(made.keys).toEqual(["x-p0003-000012-0", "x-p0003-000012-3"]);
    expect(made.json).toMatchObject([
      { user: "1", source: "bench/action", start: 1.5, end: 4, duration: 2.5, frame_times: [0.5] },
      { user: "4", start: null, end: null, duration: 2 },
    ]);
    expect(made.line).toMatchObject({ outcome: "packed", frames: 2 });
    expect(made.line.detail).toMatch(/1 of 4 records .*ends at 4 s.*1 of 3 stretches .*zero_frames/);
  });

  it("numbered frames of a folder's pictures, whose name loses nothing", async () => {
    const frames = { kind: "images", images: [jpeg], record: null } as const;
    const made = await samplesOf({ work: workOf("a/clip.v2", frames, ["A"]) });
    expect(made.suffixes).toEqual(["000.jpg json"]);
    expect(made.json).toMatchObject([{ video_id: "clip.v2", frame_times: null }]);
  });

  it("a picture, or numbered ones of several", async () => {
    const one = await samplesOf({ media: "images", work: workOf("p.png", clip, ["A"]) });
    expect(one.suffixes).toEqual(["jpg json"]);
    expect(one.json).toMatchObject([{ width: 8, height: 6 }]);
    const images = { kind: "images", images: [jpeg, jpeg], record: null } as const;
    const two = await samplesOf({ media: "images", work: workOf("p", images, ["A"]) });
    expect(two.suffixes).toEqual(["000.jpg 001.jpg json"]);
    expect(two.json).toMatchObject([{ width: null, height: null }]);
  });

  it("nothing without its pictures or its text", async () => {
    const lacking = { kind: "images", images: [jpeg, null], record: said("A") } as const;
    const cases = [workOf("b.mp4", clip, [" "]), workOf("row 12", lacking, [])];
    const made = await Promise.all(cases.map((work) => samplesOf({ media: "images", work })));
    expect(made.map(({ line, keys }) => [line.code, keys])).toEqual([
      ["no_annotation", []],
      ["image_bytes_missing", []],
    ]);
  });
});

describe("video_id of a row", () => {
  const row = { kind: "images", images: [jpeg], record: said("A") } as const;
  const piece = { sizeBytes: 1, sha256: null, oid: null };

  it("of parquet is the file's name and the row's number", async () => {
    const made = await samplesOf({
      media: "images",
      annotations: { kind: "inline", images: "image" },
      parts: [{ archive: "parquet", path: "data/train-{part}.parquet" }],
      plan: { archive: "parquet", pieces: [{ ...piece, path: "data/train-3.parquet" }] },
      work: workOf("row 12", row, []),
    });
    expect(made.json).toMatchObject([{ video_id: "train-3-12", member: "row 12" }]);
  });

  it("of links is its id, and without one what was planned of it", async () => {
    const idOf = async (name: string, at: object) => {
      const [json] = (await samplesOf({ plan: { archive: "urls" }, work: workOf(name, clip, ["A"], at) }))
        .json;
      return json.video_id;
    };
    expect(await idOf("v.3", { url: "" })).toBe("v.3");
    expect(await idOf("row 12", { url: "", videoId: "list-0-12" })).toBe("list-0-12");
  });
});
