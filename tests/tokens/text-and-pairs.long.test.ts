import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smallTokenizer } from "../../packages/text/testing/small-tokenizer.ts";
import { duckdbParquet } from "../datasets/fixtures/parquet.ts";
import { makePictures } from "../datasets/fixtures/pictures.ts";
import { partsByLabel, samplesByKey } from "../support/build-status.ts";
import { jsonOf, readSamples, shardHashes, tarsIn } from "../support/read-shards.ts";
import { type Ended, shardmill } from "../support/shardmill.ts";
import { seedReads } from "./seed-reader.ts";

const files = smallTokenizer(
  "Question and answer number 12, of a file. What is shown here? A square, a dog.",
);
let scratch: string;

const place = (name: string): string => join(scratch, name);
const tokenizer = () => ["--set", `recipe.text.tokenizer=${place("small")}`];
const built = (ended: Ended, code = 0): void => expect(ended.code, ended.stderr + ended.stdout).toBe(code);

/** Rows of a SmolTalk file, with every oddity once in a while. */
const talk = (file: number, rows: number): string => `
  SELECT CASE
    WHEN i = 3 THEN [{'content': 'Rules ' || i, 'role': 'system'}, {'content': 'one', 'role': 'user'}, {'content': 'two', 'role': 'user'},
      {'content': 'a', 'role': 'assistant'}, {'content': 'three', 'role': 'user'}, {'content': 'b', 'role': 'assistant'}]
    WHEN i = 4 THEN [{'content': 'I begin.', 'role': 'assistant'}, {'content': 'q', 'role': 'user'}, {'content': 'Answer <|im_end|> goes on', 'role': 'assistant'}]
    WHEN i = 5 THEN [{'content': 'q', 'role': 'user'}, {'content': ' ', 'role': 'assistant'}]
    WHEN i = 6 THEN [{'content': 'q', 'role': 'user'}, {'content': 'call()', 'role': 'tool'}]
    WHEN i = 7 THEN [{'content': 'long', 'role': 'user'}, {'content': repeat('word ', 200000), 'role': 'assistant'}]
    ELSE [{'content': 'Question ' || i || ' of file ${file}', 'role': 'user'}, {'content': 'Answer ' || i, 'role': 'assistant'}] END AS messages,
    'part-' || (i % 2) AS source FROM range(${rows}) t(i)`;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-texts-"));
  const pictures = await makePictures(3);
  for (const [index, picture] of pictures.entries()) await writeFile(place(`picture-${index}`), picture);
  const sources: Record<string, string | Buffer> = {
    "small/tokenizer.json": files.tokenizer,
    "small/tokenizer_config.json": files.config ?? "{}",
    "rlaif/RLAIF-V-Dataset_000.parquet": await duckdbParquet(`
      SELECT 'ds' AS ds_name, {'bytes': content, 'path': 'x.jpg'} AS image, 'What is in ' || i || '?' AS question,
        'A square ' || i AS chosen, CASE WHEN i = 4 THEN 'A square ' || i ELSE 'A dog ' || i END AS rejected,
        'o' AS origin_dataset, '{}' AS origin_split, i::VARCHAR AS idx, 'p' AS image_path
      FROM range(9) t(i) JOIN read_blob('${place("picture-*")}') ON right(filename, 1)::INTEGER = i % 3 ORDER BY i`),
  };
  for (const [file, rows] of [40, 25, 35].entries())
    sources[`smol/data/all/train-0000${file}-of-00003.parquet`] = await duckdbParquet(talk(file, rows));
  for (const [path, content] of Object.entries(sources)) {
    await mkdir(dirname(place(path)), { recursive: true });
    await writeFile(place(path), content);
  }
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

const smoltalk = (out: string, ...more: string[]) =>
  shardmill([
    ...["build", "smoltalk", "--source", place("smol"), "--out", place(out)],
    ...["--set", "samplesPerShard=16", ...more],
  ]);
const samplesOf = (out: string, name: string) => [...samplesByKey(join(place(out), name)).values()];

describe("conversations without pictures", () => {
  const runs = ["0-29", "30-69", "70-500"];

  it("are built in runs of rows that share none, each under its own name, and the books balance", async () => {
    for (const [at, rows] of runs.entries()) {
      const tokens = at === 0 ? ["--recipe", "seed-stage1-text", ...tokenizer()] : [];
      // Rows that are no conversation are failed, so that the build ends with 1.
      built(await smoltalk("out", "--as", `smol-${at}`, "--set", `recipe.rows=${rows}`, ...tokens), 1);
    }
    const all = runs.flatMap((_, at) => samplesOf("out", `smol-${at}`));
    // Of three files 100 rows; in each an empty answer and a tool.
    expect(all).toHaveLength(94);
    const rows = all.map(({ json }) => `${String(json.video_id)}`);
    expect(new Set(rows).size).toBe(94);
    expect(all.every(({ key }) => /^smoltalk-p000[0-2]-0000\d\d$/.test(key))).toBe(true);
    const sums = [];
    for (const at of runs.keys()) sums.push(Object.values(await partsByLabel(`smol-${at}`, place("out"))));
    const members = sums.map((parts) => parts.map((part) => part.members));
    expect(members).toEqual([
      [30, 0, 0],
      [10, 25, 5],
      [0, 0, 30],
    ]);
    for (const { members: some, packed, failed, skipped } of sums.flat())
      expect(some).toBe(packed + failed + skipped);
    expect((await shardmill(["verify", join(place("out"), "smol-0"), "--deep"])).stdout).toContain(
      "no problem",
    );
  });

  it("are read by the loader with a placeholder, which is one black picture for all", async () => {
    const samples = samplesOf("out", "smol-0");
    const pictures = new Set(samples.map(({ fields }) => fields.get("jpg")?.toString("base64") ?? ""));
    expect(pictures.size).toBe(1);
    const { data, info } = await sharp(samples[0]?.fields.get("jpg"))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, data.every((value) => value === 0)]).toEqual([224, 224, true]);
    for (const { json } of samples) expect(seedReads(json, 1).problem).toBeNull();
    for (const { json, fields } of samplesOf("out", "smol-1")) {
      expect([...fields.keys()]).toEqual(["json"]);
      expect(json).toMatchObject({
        is_text_only: true,
        frame_count: 0,
        source: "smoltalk",
        license: "Apache-2.0",
      });
    }
  });

  it("keep their own system message, join what one says in a row, and hold control tokens as text", () => {
    const byQuestion = (samples: ReturnType<typeof samplesOf>, start: string) =>
      samples.find(({ json }) => JSON.stringify(json.conversations).includes(start));
    const own = byQuestion(samplesOf("out", "smol-0"), "Rules 3");
    expect(own?.json.conversations).toEqual([
      { system: "Rules 3", user: "one\ntwo", assistant: "a" },
      { system: "Rules 3", user: "three", assistant: "b" },
    ]);
    const odd = byQuestion(samplesOf("out", "smol-0"), "goes on");
    expect(odd?.json.conversations).toMatchObject([{ user: "", assistant: "I begin." }, { user: "q" }]);
    const ids = odd?.json.token_ids as number[];
    // The template ends five messages: system, two questions (one is the prompt), two answers.
    expect(ids.filter((id) => id === 2)).toHaveLength(5);
    const long = samplesOf("out", "smol-0").find(({ json }) => json.user === "long");
    expect(long?.json.token_ids).toHaveLength(1024);
  });

  it("give the same bytes with one worker and with four, and a sample of each turn where the recipe says so", async () => {
    const run = (out: string, workers: string) =>
      smoltalk(
        out,
        "--as",
        "smol-0",
        "--set",
        "recipe.rows=0-29",
        "--recipe",
        "seed-stage1-text",
        ...tokenizer(),
        "--workers",
        workers,
      );
    built(await run("four", "4"), 1);
    expect(shardHashes(join(place("four"), "smol-0"))).toEqual(shardHashes(join(place("out"), "smol-0")));
    built(await smoltalk("each", "--set", "recipe.rows=0-9", "--set", "recipe.turns=each"), 1);
    const keys = samplesOf("each", "smoltalk").map(({ key }) => key);
    expect(keys).toContain("smoltalk-p0000-000003-t1");
    expect(keys).toHaveLength(10);
  });

  it("are refused under the name of another dataset, and by rows that are none", async () => {
    const other = await smoltalk("out", "--as", "openvid-1m");
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining("the name of another dataset")]);
    const reversed = await smoltalk("out", "--set", "recipe.rows=9-3");
    expect([reversed.code, reversed.stderr]).toEqual([
      2,
      expect.stringContaining("its first row is behind its last"),
    ]);
  });

  it("of rows that moved are stale, and are made again from what the files have now", async () => {
    const rows = ["--as", "moved", "--set", "recipe.rows=35-44"];
    built(await smoltalk("moved", ...rows));
    const before = samplesOf("moved", "moved").map(({ json }) => json.user);
    await writeFile(place("smol/data/all/train-00000-of-00003.parquet"), await duckdbParquet(talk(0, 38)));
    const again = await smoltalk("moved", ...rows);
    expect([again.code, again.stdout]).toEqual([1, expect.stringContaining("stale")]);
    built(await shardmill(["retry", "moved", "--stale", "--out", place("moved")]), 1);
    const after = samplesOf("moved", "moved").map(({ json }) => json.user);
    expect(before).toHaveLength(10);
    expect(before[0]).toBe("Question 35 of file 0");
    // Three rows of the first file are left, and of the second the first seven, of which two are no conversations.
    expect(after.slice(0, 4)).toEqual([
      ...["Question 35 of file 0", "Question 36 of file 0", "Question 37 of file 0"],
      "Question 0 of file 1",
    ]);
    expect(after).toHaveLength(8);
  });
});

describe("preference pairs over a picture", () => {
  const rlaif = (out: string, ...more: string[]) =>
    shardmill(["build", "rlaif-v", "--source", place("rlaif"), "--out", place(out), ...more]);

  it("have the fields of both readers, the loss on both answers alone, and none that prefers nothing", async () => {
    built(await rlaif("pairs", "--recipe", "seed-dpo", ...tokenizer()));
    const samples = samplesOf("pairs", "rlaif-v");
    expect(samples).toHaveLength(8);
    for (const { json, fields } of samples) {
      expect(seedReads(json, fields.has("jpg") ? 1 : 0).problem).toBeNull();
      expect(json).toMatchObject({ source: "rlaif_v", frame_count: 1, license: "CC-BY-NC-4.0" });
      expect(Object.keys(json).slice(0, 4)).toEqual([
        ...["chosen_token_ids", "chosen_loss_mask"],
        ...["rejected_token_ids", "rejected_loss_mask"],
      ]);
      const [chosen, rejected] = [json.chosen_token_ids, json.rejected_token_ids].map(
        (ids) => ids as number[],
      );
      const mask = json.chosen_loss_mask as number[];
      const given = mask.indexOf(1);
      // What is asked is the same for both, and no part of the loss.
      expect(chosen?.slice(0, given)).toEqual(rejected?.slice(0, given));
      expect(mask.slice(given).every((bit) => bit === 1)).toBe(true);
    }
    const told = await shardmill(["failures", "rlaif-v", "--out", place("pairs")]);
    expect(told.stdout).toContain("row 4  no_preference");
    // Rows that share a picture have it once each, with the same bytes.
    const pictures = new Set(samples.map(({ fields }) => fields.get("jpg")?.toString("base64")));
    expect(pictures.size).toBe(3);
  });

  it("are raw texts without a recipe, which the checker takes", async () => {
    built(await rlaif("raw-pairs"));
    const [tar = ""] = tarsIn(join(place("raw-pairs"), "rlaif-v"));
    for (const sample of readSamples(join(place("raw-pairs"), "rlaif-v", tar))) {
      const json = jsonOf(sample);
      expect(seedReads(json, 1)).toMatchObject({
        problem: null,
        turns: [{ assistant: json.chosen_assistant }],
      });
      expect(json.prompt).toEqual([{ role: "user", content: json.user }]);
    }
  });
});
