import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { partsByLabel, samplesByKey } from "../support/build-status.ts";
import { ffmpeg } from "../support/make-clips.ts";
import type { ReadSample } from "../support/read-shards.ts";
import { shardmill } from "../support/shardmill.ts";
import { zip } from "../support/zip.ts";

/** The example of docs/datasets.md: stretches of clips and of folders of pictures in one zip, its texts deep in the records. */
const docs = await readFile(new URL("../../docs/datasets.md", import.meta.url), "utf8");
const [, entry = ""] = /```yaml\n(name: my-bench\n.*?)```/s.exec(docs) ?? [];

const asked = (video: string, question: string, time: object | undefined) => ({
  video,
  time,
  meta: { level: 3 },
  "a.b": "with a dot",
  texts: [
    { lang: "de", question: "Was?" },
    { lang: "en", question },
  ],
  candidates: ["red", "blue"],
  answer: "blue",
});

let scratch: string;
let environment: Record<string, string>;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-bounded-"));
  const clip = join(scratch, "a.mp4");
  const source = "testsrc2=size=160x120:rate=25:duration=6";
  await promisify(execFile)(ffmpeg, [
    "-v",
    "error",
    "-f",
    "lavfi",
    "-i",
    source,
    "-pix_fmt",
    "yuv420p",
    clip,
  ]);
  // Each picture is as grey as its place says, so that a frame tells which one it is.
  const picture = (place: number) =>
    sharp({
      create: {
        width: 32,
        height: 32,
        channels: 3,
        background: { r: place * 10, g: place * 10, b: place * 10 },
      },
    })
      .png()
      .toBuffer();
  const frames = await Promise.all(
    Array.from({ length: 24 }, async (_, place) => ({
      // Not in the order of their numbers: names say it, and 10 comes after 9.
      name: `tv/show_1/${place + 1}.png`,
      bytes: await picture(place),
    })),
  );
  const members = [
    ...frames.toReversed(),
    { name: "clips/a.mp4", bytes: await readFile(clip) },
    { name: "tv/unknown/1.png", bytes: await picture(0) },
  ];
  await mkdir(join(scratch, "source"), { recursive: true });
  await writeFile(join(scratch, "source/bench_0.zip"), await zip(members));
  const actions = [
    asked("a.mp4", "whole?", undefined),
    asked("a.mp4", "end?", { from: "00:00:04", to: 6 }),
    asked("a.mp4", "late?", { from: 60, to: 70 }),
    asked("a.mp4", "wrong?", { from: 5, to: 5 }),
  ];
  const scenes = [
    asked("show_1", "begin?", { from: 0, to: 2 }),
    asked("show_1", "later?", { from: "4.0", to: "7.0" }),
  ];
  await writeFile(join(scratch, "source/action.json"), JSON.stringify(actions));
  await writeFile(join(scratch, "source/scene.jsonl"), scenes.map((one) => JSON.stringify(one)).join("\n"));
  await mkdir(join(scratch, "config/shardmill/datasets"), { recursive: true });
  await writeFile(join(scratch, "config/shardmill/datasets/my-bench.yaml"), entry);
  environment = { XDG_CONFIG_HOME: join(scratch, "config") };
  const ended = await shardmill(
    ["build", "my-bench", "--source", join(scratch, "source"), "--out", join(scratch, "out")],
    environment,
  );
  // A folder that no record names is left out, which is no failure.
  expect(ended.code, ended.stderr + ended.stdout).toBe(0);
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

const made = () => [...samplesByKey(join(scratch, "out/my-bench")).values()];
type Read = ReadSample & { readonly json: Record<string, unknown> };
const of = (question: string): Read => {
  const found = made().find(({ json }) => String(json.user).startsWith(question));
  if (found === undefined) throw new Error(`no sample asks ${question}`);
  return found;
};

describe("records that speak of stretches", () => {
  it("of a clip are samples of those, and the books balance", async () => {
    expect(of("whole?").json).toMatchObject({ duration: 6, start: null, end: null, frame_count: 6 });
    expect(of("end?").json).toMatchObject({
      source: "my-bench/action",
      user: "end?\nA. red\nB. blue",
      assistant: "B. blue",
      duration: 2,
      start: 4,
      end: 6,
      frame_count: 2,
    });
    for (const time of of("end?").json.frame_times as number[]) expect(time).toBeLessThan(2);
    const parts = await partsByLabel("my-bench", join(scratch, "out"));
    expect(parts.p0000).toMatchObject({ members: 3, packed: 2, failed: 0, skipped: 1, samples: 4 });
  });

  it("of a folder of pictures are those of their times, and read no other picture", async () => {
    expect(of("begin?").json).toMatchObject({
      source: "my-bench/scene",
      video_id: "show_1",
      frame_count: 2,
      duration: 2,
      fps: 3,
      codec: null,
    });
    expect(await greysOf(of("begin?"))).toEqual([1, 4]);
    expect(await greysOf(of("later?"))).toEqual([13, 16, 19]);
    expect(of("later?").json.frame_times).toEqual([0.333, 1.333, 2.333]);
  });

  it("hold what stands deep in their records", () => {
    for (const { json } of made())
      expect(json).toMatchObject({ level: 3, first: "de", dotted: "with a dot", license: "CC0-1.0" });
  });

  it("are told where they are left out", async () => {
    const ledger = join(scratch, "out/my-bench/.shardmill/ledger/my-bench-p0000-0000.jsonl");
    const lines = (await readFile(ledger, "utf8")).trim().split("\n");
    expect(lines.join()).toMatch(
      /1 of 4 records .*annotation_invalid.*1 of 3 stretches .*nothing is shown from 60 s to 70 s/,
    );
    const { stdout } = await shardmill(["failures", "my-bench", "--out", join(scratch, "out")], environment);
    expect(stdout).toContain("tv/unknown  no_annotation");
  });
});

/** Which picture each frame is, by how grey it is. */
async function greysOf({ fields }: Read): Promise<number[]> {
  const frames = [...fields].filter(([name]) => name.endsWith("jpg")).sort(([a], [b]) => (a < b ? -1 : 1));
  return Promise.all(
    frames.map(async ([, bytes]) => {
      const { data } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
      return Math.round((data[0] ?? 0) / 10);
    }),
  );
}
