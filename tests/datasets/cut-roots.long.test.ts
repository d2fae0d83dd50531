import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { defaultRecipe, type MediaPool } from "@shardmill/core";
import { millShard } from "@shardmill/pipeline";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type OpenMill, openMill } from "../faults/open-mill.ts";
import { samplesByKey } from "../support/build-status.ts";
import { ffmpeg } from "../support/make-clips.ts";
import { writeFiles } from "../support/openvid-mirror.ts";
import { shardmill } from "../support/shardmill.ts";
import { tarGzOf } from "./fixtures/tar.ts";

/** Twenty records of YouCook2, whose video the user has as a whole: cut while decoding, by the table of his root. */
const run = promisify(execFile);
const config = "0_30_s_academic_v0_1";
const prefix = "academic_source/youcook2/";
const rate = 25;
const seconds = 24;
/** They overlap, begin between two frames, and the last one reaches over the video's end. */
const cuts = Array.from({ length: 20 }, (_, at) => ({ start: at * 1.13, end: at * 1.13 + 3.4 }));

let scratch: string;
let mill: OpenMill;
const inScratch = (...path: string[]): string => join(scratch, ...path);
const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** A video whose every frame says its number: ten stripes, each a bit. */
async function numberedVideo(path: string): Promise<void> {
  const stripes = "geq=lum='16+219*mod(floor(N/pow(2,floor(X/16))),2)':cb=128:cr=128";
  const source = `color=black:size=160x160:rate=${rate}:duration=${seconds},${stripes}`;
  const options = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p"];
  await run(ffmpeg, ["-v", "error", "-y", "-f", "lavfi", "-i", source, ...options, path]);
}

async function numberOf(jpeg: Uint8Array): Promise<number> {
  const { data, info } = await sharp(jpeg).greyscale().raw().toBuffer({ resolveWithObject: true });
  const row = Math.floor(info.height / 2) * info.width;
  const bits = Array.from(
    { length: 10 },
    (_, bit) => data[row + Math.round(((bit + 0.5) * info.width) / 10)] ?? 0,
  );
  return bits.reduce((sum, grey, bit) => sum + (grey > 128 ? 2 ** bit : 0), 0);
}

const numbersOf = (jpegs: readonly Uint8Array[]): Promise<number[]> => Promise.all(jpegs.map(numberOf));

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-cut-roots-"));
  await mkdir(inScratch("root/full"), { recursive: true });
  await numberedVideo(inScratch("root/full/whole.mp4"));
  const media = (at: number): string => `${prefix}split_2/yc_${at}.mp4`;
  const record = (video: string) => ({
    ...{ id: video, data_source: config, video },
    conversations: [
      { from: "human", value: "<image>\nDescribe." },
      { from: "gpt", value: `About ${video}.` },
    ],
  });
  const rows = cuts.map(
    ({ start, end }, at) => `${media(at)},full/whole.mp4,${start.toFixed(3)},${end.toFixed(3)}\n`,
  );
  await writeFile(inScratch("root/cuts.csv"), `media,file,start,end\n${rows.join("")}`);
  await writeFiles(
    inScratch("source"),
    new Map([
      ["README.md", Buffer.from("")],
      [
        `${config}/${config}_videos_1.tar.gz`,
        await tarGzOf([{ name: "nobody.mp4", bytes: Buffer.from("none") }]),
      ],
      [`${config}/${config}_cap_processed.json`, bytesOf(cuts.map((_, at) => record(media(at))))],
    ]),
  );
  const roots = { [prefix]: inScratch("root") };
  await writeFiles(inScratch("config/shardmill"), new Map([["config.yaml", bytesOf({ roots })]]));
  const ended = await shardmill(
    [
      ...["build", "llava-video-178k", "--source", inScratch("source"), "--out", inScratch("out")],
      "--accept-terms",
    ],
    { XDG_CONFIG_HOME: inScratch("config") },
  );
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  mill = await openMill(inScratch("out"), "http://127.0.0.1:1", { output: "llava-video-178k", roots });
});
afterAll(async () => {
  await mill.close();
  await rm(scratch, { recursive: true, force: true });
});

const samples = () =>
  [...samplesByKey(inScratch("out/llava-video-178k")).values()].map(({ json, fields }) => ({
    at: Number(/yc_(\d+)/.exec(String(json.video_id))?.[1]),
    frames: [...fields].flatMap(([name, bytes]) => (name.endsWith("jpg") ? [bytes] : [])),
  }));

it("twenty stretches of one video are decoded in one pass over it", async () => {
  const { pool } = mill.tools;
  const decodes: number[] = [];
  const counted: MediaPool = {
    size: pool.size,
    frames: (...args) => pool.frames(...args),
    image: (...args) => pool.image(...args),
    close: () => pool.close(),
    spans: async (...args) => {
      const made = await pool.spans(...args);
      const [first] = made.kind === "spans" ? made.clips : [];
      decodes.push(first?.kind === "frames" ? first.decoded : Number.NaN);
      return made;
    },
  };
  const shard = `llava-video-178k-${config}-p9002-0000`;
  const before = samples();
  await mill.context.records.removeShard(shard);
  const ends = await millShard(
    mill.context,
    { part: { subset: config, part: 9002 }, task: { kind: "range", range: 0 } },
    { ...mill.tools, pool: counted },
    new AbortController().signal,
  );
  expect(ends.map(({ kind }) => kind)).toEqual(["committed"]);
  expect(samples()).toEqual(before);
  // One decode, of no more frames than the video has.
  expect(decodes).toHaveLength(1);
  expect(decodes[0]).toBeGreaterThan(0);
  expect(decodes[0]).toBeLessThanOrEqual(seconds * rate);
});

it("the frames of each are those of the clip that ffmpeg cuts out, within one", async () => {
  const never = new AbortController().signal;
  const made = samples();
  expect(made.map(({ at }) => at).sort((a, b) => a - b)).toEqual(cuts.map((_, at) => at));
  for (const { at, frames } of made) {
    const { start = 0, end = 0 } = cuts[at] ?? {};
    const file = inScratch("cut.mp4");
    const times = [
      "-ss",
      start.toFixed(3),
      "-i",
      inScratch("root/full/whole.mp4"),
      "-t",
      (end - start).toFixed(3),
    ];
    await run(ffmpeg, ["-v", "error", "-y", ...times, "-c:v", "libx264", "-preset", "ultrafast", file]);
    const clip = { name: "cut.mp4", bytes: await readFile(file) };
    const alone = await mill.tools.pool.frames(clip, defaultRecipe, never);
    if (alone.kind === "rejected") throw new Error(alone.rejection.detail);
    const [own, cut] = [await numbersOf(frames), await numbersOf(alone.frames)];
    expect(own.length, `stretch ${at}`).toBe(cut.length);
    for (const [index, number] of own.entries())
      expect(
        Math.abs(number - (cut[index] ?? Number.NaN)),
        `stretch ${at}, frame ${index}: ${own}; ${cut}`,
      ).toBeLessThanOrEqual(1);
    // And of the place in the video that the record says.
    expect(own[0]).toBeGreaterThanOrEqual(Math.floor(start * rate));
  }
});
