// A small build before the big one: what it tells of the whole is what the whole comes to, within the spread that was told.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeClips } from "../support/make-clips.ts";
import { writeFiles } from "../support/openvid-mirror.ts";
import { readSamples, tarsIn } from "../support/read-shards.ts";
import { shardmill, shardmillJson } from "../support/shardmill.ts";
import { zip } from "../support/zip.ts";
import { makePictures } from "./fixtures/pictures.ts";
import { tarOf } from "./fixtures/tar.ts";

const scratch = mkdtempSync(join(tmpdir(), "shardmill-small-"));
const out = join(scratch, "out");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let clips: Buffer[];

beforeAll(async () => {
  clips = await makeClips(4);
});

const clip = (at: number): Buffer => clips[at % clips.length] ?? Buffer.of();
const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

async function triedAndBuilt(name: string, files: Map<string, Buffer>, how: readonly string[]) {
  const place = await writeFiles(join(scratch, name), files);
  const build = ["build", place, "--out", out, "--workers", "1", "--set", "samplesPerShard=4"];
  const small = await shardmill([...build, ...how]);
  expect(small.code, small.stderr).toBe(0);
  const whole = await shardmill(build);
  expect(whole.code, whole.stderr).toBe(0);
  const of = (output: string) =>
    tarsIn(join(out, output)).flatMap((tar) => readSamples(join(out, output, tar)));
  return { small, whole, tried: of(`${name}-try`), made: of(name) };
}

const isWithin = (printed: string, what: string): boolean =>
  new RegExp(`^${what} .*, within what was estimated`, "m").test(printed);

it("of zips, whose directories tell how many there are: so many samples, spread over the parts", async () => {
  const part = (at: number) => zip(numbers(6).map((row) => ({ name: `${at}_${row}.mp4`, bytes: clip(row) })));
  const rows = numbers(5).flatMap((at) => numbers(6).map((row) => `${at}_${row}.mp4,words ${at} ${row}`));
  const parts = await Promise.all(numbers(5).map(async (at) => [`v_${at}.zip`, await part(at)] as const));
  const files = new Map([...parts, ["captions.csv", Buffer.from(`video,caption\n${rows.join("\n")}\n`)]]);
  const { small, whole, tried, made } = await triedAndBuilt("zips", files, ["--limit", "8"]);
  expect([tried.length, made.length]).toEqual([8, 30]);
  expect(small.stdout).toContain("8 samples of 4 parts");
  expect(small.stdout).toMatch(/samples about 30 /);
  expect(isWithin(whole.stdout, "samples")).toBe(true);
  expect(isWithin(whole.stdout, "disk")).toBe(true);
  // The samples are those of the whole, to the byte; only the shards are of another recipe.
  const first = made.find(({ key }) => key === tried[0]?.key);
  expect(first?.fields).toEqual(tried[0]?.fields);
  const status = await shardmillJson<{ recipe: unknown }>(["status", "zips-try", "--out", out]);
  expect(status.recipe).toMatchObject({ only: { samples: 2 } });
  expect(await shardmillJson(["verify", join(out, "zips-try")])).toMatchObject({ ok: true });
});

it("of a folder of pictures: a share", async () => {
  const pictures = await makePictures(20);
  const files = new Map(
    pictures.flatMap((bytes, at) => [
      [`${at}.jpg`, bytes] as const,
      [`${at}.txt`, Buffer.from(`words ${at}`)] as const,
    ]),
  );
  const { whole, tried, made } = await triedAndBuilt("share", files, ["--sample", "0.4"]);
  expect([tried.length, made.length]).toEqual([8, 20]);
  expect(isWithin(whole.stdout, "samples")).toBe(true);
  expect(isWithin(whole.stdout, "disk")).toBe(true);
  expect(whole.stdout).toMatch(/^time .*, (within|outside) what was estimated: /m);
});

it("of a table of questions and answers, without pictures: the first of them", async () => {
  const rows = numbers(60).map((at) => ({
    question: `What is ${at}?`,
    answer: `${"a number ".repeat(1 + ((at * 7) % 11))}and ${at}.`,
  }));
  const lines = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const { whole, tried, made } = await triedAndBuilt("talk", new Map([["talk.jsonl", lines]]), [
    "--limit",
    "20",
  ]);
  expect([tried.length, made.length]).toEqual([20, 60]);
  expect(isWithin(whole.stdout, "samples")).toBe(true);
  expect(isWithin(whole.stdout, "disk")).toBe(true);
});

it("of a stream: it is read as far as the samples go, and no share of it is known", async () => {
  const tar = await tarOf(
    numbers(10).flatMap((at) => [
      { name: `${at}.mp4`, bytes: clip(at) },
      { name: `${at}.txt`, bytes: Buffer.from(`words ${at}`) },
    ]),
  );
  const files = new Map([["0.tar", tar]]);
  const { whole, tried, made } = await triedAndBuilt("stream", files, ["--limit", "6"]);
  expect([tried.length, made.length]).toEqual([6, 10]);
  expect(isWithin(whole.stdout, "samples")).toBe(true);
  // Of another size, what was tried before is replaced.
  const other = await shardmill(["build", join(scratch, "stream"), "--out", out, "--limit", "3"]);
  expect(other.code, other.stderr).toBe(0);
  const [sample] = tarsIn(join(out, "stream-try")).map((tar) => readSamples(join(out, "stream-try", tar)));
  expect(sample).toHaveLength(3);
  const share = ["build", join(scratch, "stream"), "--out", out, "--sample", "0.5", "--as", "half"];
  expect((await shardmill(share)).stdout).toContain("use --limit");
});
