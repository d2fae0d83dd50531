import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { partsByLabel, samplesByKey } from "../support/build-status.ts";
import { makeClips } from "../support/make-clips.ts";
import { writeFiles } from "../support/openvid-mirror.ts";
import { tarsIn } from "../support/read-shards.ts";
import { type Ended, shardmill, shardmillJson } from "../support/shardmill.ts";
import { duckdbParquet } from "./fixtures/parquet.ts";
import { makePictures } from "./fixtures/pictures.ts";
import { tarOf } from "./fixtures/tar.ts";

/** Users' own data of known shapes: one YAML file each, and no code. */
const entry = (name: string, rest: string): string => `name: ${name}
title: My own ${name}
keyPrefix: ${name.replace("my-", "")}
sourceName: ${name}
license: CC-BY-4.0
source: { kind: folder }
${rest}`;

const entries = {
  "my-pictures": entry(
    "my-pictures",
    `parts: [{ archive: images, path: "pictures/**" }]
media: images
annotations:
  kind: files
  files: [{ path: captions.jsonl, format: jsonl }]
  key: file_name
  match: [exact, basename]
text: { adapter: caption, caption: text }
fields: { score: { from: score, type: float } }
recipe: { samplesPerShard: 3 }
`,
  ),
  "my-questions": entry(
    "my-questions",
    `parts: [{ archive: images, path: "pictures/**" }]
media: images
annotations:
  kind: files
  files: [{ path: questions.parquet, format: parquet }]
  key: file_name
  match: [stem]
  duplicates: all
text: { adapter: question-answer, question: asked, answer: answered }
`,
  ),
  "my-choices": entry(
    "my-choices",
    `parts: [{ archive: tar, path: "clips_{part}.tar" }]
media: video
annotations:
  kind: files
  files: [{ path: choices.csv, format: csv }]
  key: clip
text: { adapter: multiple-choice, options: candidates }
`,
  ),
};

let scratch: string;
let source: string;
let environment: Record<string, string>;
let ended: Record<string, Ended>;
const out = () => join(scratch, "out");
const samplesOf = (name: string) => [...samplesByKey(join(out(), name)).values()];

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-own-"));
  environment = { XDG_CONFIG_HOME: join(scratch, "config") };
  source = await writeFiles(join(scratch, "source"), await sourceFiles());
  const yaml = join(scratch, "my-pictures.yaml");
  await writeFile(yaml, entries["my-pictures"]);
  const added = await shardmill(["datasets", "add", yaml], environment);
  expect(added.code, added.stderr).toBe(0);
  const catalogue = join(scratch, "config/shardmill/datasets");
  await mkdir(catalogue, { recursive: true });
  for (const name of ["my-questions", "my-choices"] as const)
    await writeFile(join(catalogue, `${name}.yaml`), entries[name]);
  const builds = Object.keys(entries).map(async (name) => {
    const args = ["build", name, "--source", source, "--out", out(), "--workers", "1"];
    return [name, await shardmill(args, environment)] as const;
  });
  ended = Object.fromEntries(await Promise.all(builds));
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

async function sourceFiles(): Promise<Map<string, Buffer>> {
  const pictures = await makePictures(6);
  const [clip = Buffer.of()] = await makeClips(1);
  const captions = pictures
    .slice(0, 5)
    .map((_, i) => ({ file_name: `pictures/${i}.jpg`, text: `Picture ${i}.`, score: i }));
  return new Map([
    ...pictures.map((bytes, i) => [`pictures/${i < 5 ? "" : "more/"}${i}.jpg`, bytes] as const),
    ["pictures/notes.txt", Buffer.from("no picture")],
    ["captions.jsonl", Buffer.from(captions.map((line) => `${JSON.stringify(line)}\n`).join(""))],
    [
      "questions.parquet",
      await duckdbParquet(
        "SELECT (i // 2)::VARCHAR AS file_name, 'What is ' || i || '?' AS asked, 'It is ' || i || '.' AS answered FROM range(8) t(i)",
      ),
    ],
    [
      "clips_7.tar",
      await tarOf([
        { name: "a/one.mp4", bytes: clip },
        { name: "a/two.mp4", bytes: clip },
      ]),
    ],
    [
      "choices.csv",
      Buffer.from('clip,question,candidates,answer\none.mp4,Which?,"[""A. left"", ""B. right""]",B\n'),
    ],
  ]);
}

describe("users' own data", () => {
  it("an image folder with a caption table in JSON lines", async () => {
    expect(ended["my-pictures"]?.code, ended["my-pictures"]?.stderr).toBe(0);
    expect(await partsByLabel("my-pictures", out())).toMatchObject({
      p0000: {
        state: "done",
        members: 7,
        packed: 5,
        byCode: { no_annotation: 1, not_media: 1 },
        shards: { done: 2, total: 2 },
      },
    });
    expect(tarsIn(join(out(), "my-pictures"))).toEqual([
      "my-pictures-p0000-0000.tar",
      "my-pictures-p0000-0001.tar",
    ]);
    const [first] = samplesOf("my-pictures");
    expect([...(first?.fields.keys() ?? [])].sort()).toEqual(["jpg", "json"]);
    expect(first).toMatchObject({
      key: "pictures-p0000-000000",
      json: { caption: "Picture 0.", score: 0, member: "pictures/0.jpg" },
    });
  });

  it("questions and answers in parquet, several for one picture", () => {
    expect(ended["my-questions"]?.code, ended["my-questions"]?.stderr).toBe(0);
    const samples = samplesOf("my-questions");
    expect(samples.length).toBe(4);
    expect(samples[1]?.json).toMatchObject({
      user: "What is 2?",
      conversations: [
        { system: null, user: "What is 2?", assistant: "It is 2." },
        { system: null, user: "What is 3?", assistant: "It is 3." },
      ],
    });
  });

  it("multiple choice in a CSV, for clips in a numbered tar", async () => {
    expect(ended["my-choices"]?.code, ended["my-choices"]?.stderr).toBe(0);
    expect(await partsByLabel("my-choices", out())).toMatchObject({
      p0007: { state: "done", members: 2, packed: 1 },
    });
    const [only] = samplesOf("my-choices");
    expect(only?.json).toMatchObject({
      user: "Which?\nA. left\nB. right",
      assistant: "B. right",
      video_id: "one",
    });
  });

  it("what has been made passes verify", async () => {
    for (const name of Object.keys(entries))
      expect(await shardmillJson(["verify", join(out(), name)])).toMatchObject({ ok: true, problems: [] });
  });

  it("an entry with mistakes is not added, and every mistake is told", async () => {
    const file = join(scratch, "my-wrong.yaml");
    await writeFile(file, entry("my-wrong", "parts: [{ archive: rar, path: list.csv }]\nmedia: pictures\n"));
    const refused = await shardmill(["datasets", "add", file], environment);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/archive/);
    expect(refused.stderr).toMatch(/media/);
  });
});
