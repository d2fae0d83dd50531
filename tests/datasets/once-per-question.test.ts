import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { partsByLabel, samplesByKey, statusOf } from "../support/build-status.ts";
import { makeClips } from "../support/make-clips.ts";
import { tarsIn } from "../support/read-shards.ts";
import { shardmill, shardmillJson } from "../support/shardmill.ts";
import { zip } from "../support/zip.ts";

const entry = `name: my-bench
title: My bench
purpose: eval
keyPrefix: bench
sourceName: my-bench
license: CC0-1.0
source: { kind: folder }
parts:
  - { archive: zip, path: "videos_{part}.zip" }
  - { archive: zip, path: "{subset}.zip", subsets: [newer, older] }
media: video
annotations:
  kind: files
  files: [{ path: questions.jsonl, format: jsonl }]
  key: video
  match: [exact, basename]
  duplicates: all
text: { adapter: multiple-choice, question: question, options: candidates, answer: answer }
recipe: { records: each }
`;

let scratch: string;
let clips: readonly Buffer[];
let environment: Record<string, string>;

const put = async (name: string, members: readonly string[]) =>
  writeFile(
    join(scratch, "source", name),
    await zip(
      members.map((member, at) => ({ name: member, bytes: clips[at % clips.length] ?? Buffer.of() })),
    ),
  );
const asked = (video: string, question: string) =>
  JSON.stringify({ video, question, candidates: ["red", "blue"], answer: "blue" });

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-once-"));
  clips = await makeClips(2);
  await mkdir(join(scratch, "source"));
  await mkdir(join(scratch, "config/shardmill/datasets"), { recursive: true });
  await writeFile(join(scratch, "config/shardmill/datasets/my-bench.yaml"), entry);
  environment = { XDG_CONFIG_HOME: join(scratch, "config") };
  const questions = [
    asked("a.mp4", "one?"),
    asked("a.mp4", "two?"),
    asked("b.mp4", "three?"),
    asked("c.mp4", "four?"),
  ];
  // The same line twice is two questions of one video, and not one of two videos.
  await writeFile(
    join(scratch, "source/questions.jsonl"),
    [...questions, asked("c.mp4", "four?")].join("\n"),
  );
  // A text that is called like a video takes none of its questions.
  await put("videos_1.zip", ["c.mp4.txt", "x/a.mp4", "y/a.mp4"]);
  await put("videos_2.zip", ["b.mp4", "a.mp4"]);
  await put("newer.zip", ["c.mp4"]);
  await put("older.zip", ["old/c.mp4", "old/b.mp4"]);
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const run = (command: string, out: string, ...more: string[]) =>
  shardmill([command, "my-bench", "--out", join(scratch, out), ...more], environment);
const build = (out: string, ...more: string[]) =>
  run("build", out, "--source", join(scratch, "source"), ...more);
const askedOf = (out: string) =>
  Object.fromEntries(
    [...samplesByKey(join(scratch, out, "my-bench"))].map(([key, { json }]) => [
      key,
      String(json.user).split("\n")[0],
    ]),
  );
const bytesOf = (out: string, part: string) => {
  const folder = join(scratch, out, "my-bench");
  const tars = tarsIn(folder).filter((name) => name.includes(part));
  expect(tars).toHaveLength(1);
  return readFile(join(folder, tars[0] ?? ""));
};

it("a question is one sample, however many archives hold its video, and the others are told", async () => {
  const ended = await build("all");
  expect(ended.code, ended.stderr + ended.stdout).toBe(0);
  expect(askedOf("all")).toEqual({
    "bench-p0001-000001-0": "one?",
    "bench-p0001-000001-1": "two?",
    "bench-p0002-000000-0": "three?",
    "bench-newer-p0000-000000-0": "four?",
    "bench-newer-p0000-000000-1": "four?",
  });
  const status = await statusOf("my-bench", join(scratch, "all"));
  expect(status.totals).toMatchObject({ unmatched: 0, notFetched: 0, samples: 5 });
  expect(status.remarks.join()).not.toMatch(/twice/);
  const { failures } = await shardmillJson<{
    failures: { code: string; member: string; detail: string }[];
  }>(["failures", "my-bench", "--out", join(scratch, "all")], environment);
  const twice = failures.filter(({ code }) => code === "media_twice");
  expect(twice.map(({ member, detail }) => `${member}: ${detail}`).sort()).toEqual([
    "a.mp4: its questions are asked of part p0001, which comes first",
    "old/b.mp4: its questions are asked of part p0002, which comes first",
    "old/c.mp4: its questions are asked of part newer-p0000, which comes first",
    "y/a.mp4: its questions are asked of x/a.mp4, which comes first",
  ]);
});

it("a video that an earlier archive gives up goes to the next, once that is planned anew; nothing else is", async () => {
  const before = await bytesOf("all", "newer");
  await put("videos_1.zip", ["x/d.mp4"]);
  await build("all");
  const told = await partsByLabel("my-bench", join(scratch, "all"));
  expect(told.p0002?.state).toBe("stale");
  const ended = await run("retry", "all", "--stale");
  expect(ended.code, ended.stderr + ended.stdout).toBe(0);
  expect(Object.values(askedOf("all")).sort()).toEqual(["four?", "four?", "one?", "three?", "two?"]);
  expect(askedOf("all")["bench-p0002-000001-0"]).toBe("one?");
  expect(await bytesOf("all", "newer")).toEqual(before);
  const now = await partsByLabel("my-bench", join(scratch, "all"));
  expect(new Set(Object.values(now).map(({ state }) => state))).toEqual(new Set(["done"]));
});
