import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tarOf } from "../datasets/fixtures/tar.ts";
import { videoMmeFiles } from "../datasets/fixtures/video-mme.ts";
import { openvidFiles, writeFiles } from "../support/openvid-mirror.ts";
import { tarsIn } from "../support/read-shards.ts";
import { shardmill, shardmillJson } from "../support/shardmill.ts";
import { clipOf, type Scene } from "./planted-clip.ts";

let scratch: string;
let out: string;

/** Of Video-MME's fixture: the name tells in OpenVid, and nowhere else. */
const youtube = "fFjv93ACGo8";
const x264 = ["-c:v", "libx264", "-preset", "ultrafast"];

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-overlap-"));
  out = join(scratch, "out");
  await Promise.all([
    openvidParts().then((files) => build("openvid-1m", files, "--parts", "0")),
    vistaFiles().then((files) => build("vista-400k", files)),
    benchmarkFiles().then((files) => build("video-mme", files)),
  ]);
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

async function openvidParts() {
  const clip = (scene: Scene): Promise<Buffer> =>
    clipOf(scratch, scene, { file: "openvid.mp4", size: "320:240", codec: x264 });
  const members = [
    { name: `videos_0/${youtube}_12_0to150.mp4`, bytes: await clip("planted") },
    { name: "videos_0/celebv_abcdefghijk_3.mp4", bytes: await clip("bars") },
    { name: "videos_0/zyxwvutsrqp_1_0to99.mp4", bytes: await clip("black") },
  ];
  return openvidFiles([{ part: 0, members }]);
}

async function vistaFiles() {
  const clip = (scene: Scene): Promise<Buffer> =>
    clipOf(scratch, scene, { file: "vista.mp4", size: "240:180", codec: ["-c:v", "mpeg4", "-q:v", "12"] });
  const members = [
    { name: "videos/another_name.mp4", bytes: await clip("planted") },
    { name: "videos/cells.mp4", bytes: await clip("cells") },
    { name: "videos/dark.mp4", bytes: await clip("black") },
  ];
  const records = members.map(({ name }) => ({
    image: name,
    conversations: [
      { from: "human", value: "What is shown?" },
      { from: "gpt", value: "Something." },
    ],
  }));
  const task = "hr_video_grid_mcq";
  return new Map([
    ["README.md", Buffer.from("license: mit\n")],
    [`${task}/${task}_1.tar`, Buffer.from(await tarOf(members))],
    [`${task}.json`, Buffer.from(JSON.stringify(records))],
  ]);
}

async function benchmarkFiles() {
  const clip = (scene: Scene): Promise<Buffer> =>
    clipOf(scratch, scene, { file: "benchmark.mkv", size: "480:360", codec: [...x264, "-crf", "36"] });
  const files = await videoMmeFiles([await clip("planted"), await clip("black")]);
  return new Map(Object.entries(files).map(([path, bytes]) => [path, Buffer.from(bytes)]));
}

async function build(name: string, files: ReadonlyMap<string, Buffer>, ...more: string[]): Promise<void> {
  const source = await writeFiles(join(scratch, name), files);
  const ended = await shardmill([
    ...["build", name, "--source", source, "--out", out, ...more],
    // The sets of a mix are alike.
    ...["--set", "maxFrames=8", "--set", "size=112", "--set", "overflow=uniform"],
  ]);
  expect([0, 1], ended.stdout + ended.stderr).toContain(ended.code);
}

interface Found {
  readonly overlap: {
    readonly a: {
      readonly samples: number;
      readonly related: Record<string, number>;
      readonly flatFrames: number;
    };
    readonly b: { readonly samples: number; readonly related: Record<string, number> };
    readonly pairs: number;
  };
  readonly written: readonly string[];
}

interface Mix {
  readonly problems: readonly unknown[];
  readonly mix: {
    readonly sums: { readonly samples: number };
    readonly sets: readonly {
      readonly excluded: readonly string[];
      readonly leftOut: Record<string, number>;
      readonly related: Record<string, string[]>;
    }[];
  };
}

async function overlapOf(a: string, b: string) {
  const found = await shardmillJson<Found>(["overlap", a, b, "--out", out]);
  const lines = await readFile(join(out, `overlaps/${a}/${b}/pairs.jsonl`), "utf8");
  const pairs = lines
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { by: string; a: { key: string }; b: { key: string } });
  return { ...found, listed: pairs.map(({ by, a: one, b: other }) => [by, one.key, other.key]) };
}

describe("a clip that lies in two sets of training and in a benchmark", () => {
  it("is found by its group where the name tells, and by its fingerprint where it does not", async () => {
    const openvid = await overlapOf("openvid-1m", "video-mme");
    expect(openvid.overlap.a).toMatchObject({
      samples: 3,
      related: { any: 1, group: 1, picture: 0, fingerprint: 1 },
      flatFrames: 3,
    });
    expect(openvid.listed.map(([by, key]) => [by, key])).toContainEqual(["group", "openvid-p0000-000000"]);

    const vista = await overlapOf("vista-400k", "video-mme");
    expect(vista.overlap.a.related).toEqual({ any: 1, group: 0, picture: 0, fingerprint: 1 });
    expect(new Set(vista.listed.map(([by, key]) => `${by} ${key}`))).toEqual(
      new Set(["fingerprint vista-hr_video_grid_mcq-p0001-000001"]),
    );

    const both = await overlapOf("openvid-1m", "vista-400k");
    expect(both.overlap).toMatchObject({
      a: { related: { any: 1, fingerprint: 1 } },
      b: { related: { any: 1 } },
      pairs: 1,
    });
    const sheet = await sharp(
      await readFile(join(out, "overlaps/openvid-1m/vista-400k/sheet.png")),
    ).metadata();
    expect(sheet.format).toBe("png");
  });

  it("tells it in words, and reads no tar the second time", async () => {
    await overlapOf("vista-400k", "vista-400k");
    const [tar = ""] = tarsIn(join(out, "vista-400k"));
    const path = join(out, "vista-400k", tar);
    const bytes = await readFile(path);
    try {
      // The same length, and nothing in it: whoever reads it fails.
      await writeFile(path, Buffer.alloc(bytes.length, 1));
      const ended = await shardmill(["overlap", "vista-400k", "vista-400k", "--out", out]);
      expect(ended.code, ended.stderr).toBe(0);
      expect(ended.stdout).toMatch(/^vista-400k +3 +0 +0 +0 +0$/m);
      expect(ended.stdout).toContain(
        "3 frames without gradients (black, plain) had no vote; 1 clip with fewer than two others",
      );
    } finally {
      await writeFile(path, bytes);
    }
  });

  it("is not in a mix that is decontaminated against the benchmark, in none of its lists", async () => {
    const file = join(scratch, "both.yaml");
    await writeFile(file, "title: Both\nsets: [openvid-1m, vista-400k]\ndiffer: [fps, turns]\n");
    const mix = (...more: string[]) => shardmillJson<Mix>(["mix", file, "--out", out, ...more]);
    const whole = await mix("--check");
    expect([whole.problems, whole.mix.sums.samples]).toEqual([[], 6]);
    const { problems, mix: record } = await mix("--decontaminate", "video-mme");
    expect(problems).toEqual([]);
    expect(record).toMatchObject({ decontaminated: ["video-mme"], sums: { samples: 4 } });
    const [openvid, vista] = ["openvid-p0000-000000", "vista-hr_video_grid_mcq-p0001-000001"];
    expect(record.sets.map(({ excluded, leftOut }) => [excluded, leftOut])).toEqual([
      [[openvid], { "overlaps:video-mme": 1 }],
      [[vista], { "overlaps:video-mme": 1 }],
    ]);
    const related = record.sets.map((set) => set.related);
    expect(related).toEqual([{ "overlaps:video-mme": [openvid] }, { "overlaps:video-mme": [vista] }]);
    const published = (path: string): Promise<string> => readFile(join(out, "mixes/both", path), "utf8");
    const told = JSON.parse(await published("webdataset/mix.json")) as { sets: { exclude: string[] }[] };
    expect(told.sets.map(({ exclude }) => exclude)).toEqual([[openvid], [vista]]);
    expect(await published("energon/vista-400k/.nv-meta/split.yaml")).toContain(`/${vista}`);
    // It reads whole shards, and each set has one.
    expect(await published("trainer/data.yaml")).not.toContain(".tar");

    const said = await shardmill(["mix", file, "--out", out, "--check", "--decontaminate", "video-mme"]);
    expect(said.stdout).toContain("left out: 2 samples overlaps:video-mme");
    expect(said.stdout).not.toContain("changed:");
    const without = await shardmill(["mix", file, "--out", out, "--check"]);
    expect(without.stdout).toContain(
      "changed:  decontaminated against video-mme before, against nothing now",
    );
    await shardmill(["report", file, "--from", out, "--out", join(scratch, "report")]);
    expect(await readFile(join(scratch, "report/report.md"), "utf8")).toContain(
      "2 samples (related to video-mme)",
    );

    const lacking = await mix("--check", "--decontaminate", "video-mme,mvbench,nobody");
    expect(lacking.problems).toMatchObject([
      { path: "--decontaminate", message: "mvbench is not built", command: ["build", "mvbench"] },
      { path: "--decontaminate", message: "there is no output nobody" },
    ]);
  });

  it("refuses what is no output in one line", async () => {
    const ended = await shardmill(["overlap", "openvid-1m", "nothing-here", "--out", out]);
    expect([ended.code, ended.stderr.trim().split("\n").length]).toEqual([2, 1]);
    expect(ended.stderr).toContain("there is no output nothing-here");
  });
});
