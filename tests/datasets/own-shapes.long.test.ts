// Shapes of own data as people have them. Each is drafted from what lies there, built and verified; nothing is edited in between.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeClips } from "../support/make-clips.ts";
import { zip } from "../support/zip.ts";
import { blob, duckdbParquet, quoted } from "./fixtures/parquet.ts";
import { makePictures } from "./fixtures/pictures.ts";
import { tarGzOf, tarOf } from "./fixtures/tar.ts";
import { type Files, ShapesHouse } from "./shapes-house.ts";

let house: ShapesHouse;
let clips: Buffer[];
let pictures: Buffer[];

beforeAll(async () => {
  house = await ShapesHouse.open();
  clips = await makeClips(3);
  pictures = await makePictures(4);
});
afterAll(() => house.close());

const text = (value: string): Buffer => Buffer.from(value);
const json = (value: unknown): Buffer => text(JSON.stringify(value));
const lines = (rows: readonly unknown[]): Buffer =>
  text(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
const clip = (at: number): Buffer => clips[at % clips.length] ?? Buffer.of();
const picture = (at: number): Buffer => pictures[at % pictures.length] ?? Buffer.of();

const draft: ShapesHouse["draft"] = (name, files) => house.draft(name, files);
const built: ShapesHouse["built"] = (name, files) => house.built(name, files);
const captions = (samples: readonly Record<string, unknown>[]): unknown[] =>
  samples.map(({ caption }) => caption);

describe("a folder", () => {
  it("of clips with a table beside them", async () => {
    const samples = await built("table", {
      "videos/a.mp4": clip(0),
      "videos/b.mp4": clip(1),
      "captions.csv": text("video,caption\na.mp4,first\nvideos/b.mp4,second\n"),
    });
    expect(captions(samples)).toEqual(["first", "second"]);
  });

  it("of pictures with metadata.jsonl, as Hugging Face's ImageFolder has it", async () => {
    const samples = await built("imagefolder", {
      "train/a.jpg": picture(0),
      "train/b.jpg": picture(1),
      "train/metadata.jsonl": lines([
        { file_name: "a.jpg", text: "a red one" },
        { file_name: "b.jpg", text: "a blue one" },
      ]),
    });
    expect(captions(samples)).toEqual(["a red one", "a blue one"]);
  });

  it("of folders whose names are the labels", async () => {
    const samples = await built("classes", {
      "cats/1.jpg": picture(0),
      "cats/2.jpg": picture(1),
      "dogs/1.jpg": picture(2),
    });
    expect(captions(samples)).toEqual(["cats", "cats", "dogs"]);
  });

  it("of clips with a text and JSON of the same name beside each", async () => {
    const samples = await built("sidecars", {
      "a.mp4": clip(0),
      "a.txt": text("first\n"),
      "a.json": json({ score: 0.5, id: 7, width: 1920 }),
      "b.mp4": clip(1),
      "b.json": json({ score: 1, id: 8 }),
      "c.v2.mp4": clip(2),
      "c.v2.txt": text("third"),
      "notes.txt": text("of nothing"),
    });
    expect(samples).toMatchObject([
      { caption: "first", video_id: "a", score: 0.5, id: 7, json_width: 1920 },
      { caption: "third", video_id: "c.v2", score: null, id: null },
    ]);
  });

  it("of clips of which a table speaks stretch by stretch", async () => {
    const samples = await built("bounded", {
      "long.mp4": clip(2),
      "moments.csv": text("video,start,end,caption\nlong.mp4,0,1,begins\nlong.mp4,1,2,ends\n"),
    });
    expect(samples).toMatchObject([
      { caption: "begins", start: 0, end: 1 },
      { caption: "ends", start: 1, end: 2 },
    ]);
  });
});

describe("tars in WebDataset's form", () => {
  it("as video2dataset leaves them, with statistics and tables beside", async () => {
    const shard = (at: number) =>
      tarOf(
        [0, 1].flatMap((row) => {
          const key = `0000${at}_000${row}`;
          return [
            {
              name: `${key}.json`,
              bytes: json({ key, url: "https://x.invalid/v", views: 5, caption: "no" }),
            },
            { name: `${key}.mp4`, bytes: clip(row) },
            { name: `${key}.txt`, bytes: text(`caption ${at} ${row}`) },
          ];
        }),
      );
    const samples = await built("video2dataset", {
      "00000.tar": await shard(0),
      "00001.tar": await shard(1),
      "00000_stats.json": json({ successes: 2 }),
      "00000.parquet": await duckdbParquet("SELECT 'https://x.invalid/v' AS url, 'no' AS caption"),
    });
    expect(captions(samples)).toEqual(["caption 0 0", "caption 0 1", "caption 1 0", "caption 1 1"]);
    expect(samples[2]).toMatchObject({
      video_id: "00001_0000",
      key: "00001_0000",
      url: "https://x.invalid/v",
      json_caption: "no",
    });
  });

  it("of pictures with conversations, under keys that every tar has", async () => {
    const shard = (word: string) =>
      tarGzOf([
        { name: "000.jpg", bytes: picture(0) },
        {
          name: "000.json",
          bytes: json({
            conversations: [
              { from: "human", value: "<image>What?" },
              { from: "gpt", value: word },
            ],
          }),
        },
        { name: "001.jpg", bytes: picture(1) },
        { name: "001.json", bytes: text("{ no json") },
      ]);
    const samples = await built("chat", {
      "shards/data-0.tar.gz": await shard("first"),
      "shards/data-1.tar.gz": await shard("second"),
    });
    expect(samples).toMatchObject([{ assistant: "first" }, { assistant: "second" }]);
  });
});

describe("parquet", () => {
  it("with clips as struct<bytes, path>, and their captions", async () => {
    const row = (at: number) =>
      `{'bytes': ${blob(clip(at))}, 'path': 'v${at}.mp4'} AS video, ${quoted(`clip ${at}`)} AS caption`;
    const samples = await built("clips-in-rows", {
      "data/train-00000-of-00001.parquet": await duckdbParquet(
        `SELECT ${row(0)} UNION ALL SELECT ${row(1)} UNION ALL SELECT {'bytes': NULL::BLOB, 'path': 'gone.mp4'}, 'gone'`,
      ),
    });
    expect(captions(samples)).toEqual(["clip 0", "clip 1"]);
    expect(samples[0]).toMatchObject({ width: 160, codec: "h264" });
  });

  it("with pictures as bytes, and conversations", async () => {
    const turns = "[{'from': 'human', 'value': 'What?'}, {'from': 'gpt', 'value': 'A picture.'}]";
    const samples = await built("pictures-in-rows", {
      "train.parquet": await duckdbParquet(`SELECT ${blob(picture(0))} AS image, ${turns} AS conversations`),
    });
    expect(samples).toMatchObject([{ user: "What?", assistant: "A picture." }]);
  });
});

describe("zips", () => {
  it("of pictures with COCO's captions, a file for each split", async () => {
    const split = (name: string, id: number) =>
      json({
        info: { year: 2017 },
        images: [{ id, file_name: `${name}.jpg`, width: 64 }],
        annotations: [
          { id: 10 * id, image_id: id, caption: `${name}, first` },
          { id: 10 * id + 1, image_id: id, caption: `${name}, second` },
        ],
      });
    const samples = await built("coco", {
      "train2017.zip": await zip([{ name: "train2017/one.jpg", bytes: picture(0) }]),
      "val2017.zip": await zip([{ name: "val2017/two.jpg", bytes: picture(1) }]),
      "annotations/captions_train2017.json": split("one", 1),
      "annotations/captions_val2017.json": split("two", 2),
    });
    expect(captions(samples).sort()).toEqual(["one, first", "two, first"]);
  });
});

describe("text alone", () => {
  it("of conversations in JSON lines", async () => {
    const line = (word: string) =>
      JSON.stringify({
        messages: [
          { role: "user", content: word },
          { role: "assistant", content: `${word}!` },
        ],
      });
    const samples = await built("talks", { "chats.jsonl": text(`${line("Hello")}\n${line("Привет")}\n`) });
    expect(samples).toMatchObject([{ user: "Hello" }, { assistant: "Привет!" }]);
  });

  it("of preference pairs", async () => {
    const pairs = [
      { prompt: "Say 1", chosen: "1", rejected: "no" },
      { prompt: "Say 2", chosen: "2", rejected: "2" },
    ];
    expect(await built("pairs", { "pairs.json": json(pairs) })).toMatchObject([
      { prompt: [{ role: "user", content: "Say 1" }], caption: "1" },
    ]);
  });
});

describe("a place that cannot be built says what is missing in one line", () => {
  it.each<[string, () => Files, RegExp]>([
    ["nothing-there", () => ({ "notes.txt": text("x") }), /holds no clip, picture, archive/],
    [
      "no-words",
      () => ({ "a.mp4": clip(0), "b.mp4": clip(1) }),
      /put a captions\.csv .* or beside each a \.txt/,
    ],
    [
      "no-key",
      () => ({ "a.mp4": clip(0), "t.csv": text("who,what\na,b\n") }),
      /t\.csv names no media: .* it has who, what/,
    ],
    [
      "no-text",
      () => ({ "a.mp4": clip(0), "t.csv": text("video,mood\na.mp4,b\n") }),
      /t\.csv has no text: .* it has video, mood/,
    ],
  ])("%s", async (name, files, said) => {
    const { lacks } = await draft(name, files());
    expect(lacks).toMatch(said);
    expect(lacks).not.toContain("\n");
  });
});
