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
import { clipOf } from "./planted-clip.ts";

let scratch: string;
let out: string;

/** Of Video-MME's fixture: the name tells in OpenVid, and nowhere else. */
const youtube = "fFjv93ACGo8";
const x264 = ["-c:v", "libx264", "-preset", "ultrafast"];

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-overlap-"));
  out = join(scratch, "out");
  const clip = (scene: Parameters<typeof clipOf>[1], file: string, size: string, codec: readonly string[]) =>
    clipOf(scratch, scene, { file, size, codec });
  const first = ["openvid.mp4", "320:240", x264] as const;
  await build(
    "openvid-1m",
    await openvidFiles([
      {
        part: 0,
        members: [
          { name: `videos_0/${youtube}_12_0to150.mp4`, bytes: await clip("planted", ...first) },
          { name: "videos_0/celebv_abcdefghijk_3.mp4", bytes: await clip("bars", ...first) },
          { name: "videos_0/zyxwvutsrqp_1_0to99.mp4", bytes: await clip("black", ...first) },
        ],
      },
    ]),
    "--parts",
    "0",
  );
  const second = ["240:180", ["-c:v", "mpeg4", "-q:v", "12"]] as const;
  const task = "hr_video_grid_mcq";
  const members = [
    { name: "videos/another_name.mp4", bytes: await clip("planted", "vista.mp4", ...second) },
    { name: "videos/cells.mp4", bytes: await clip("cells", "vista.mp4", ...second) },
    { name: "videos/dark.mp4", bytes: await clip("black", "vista.mp4", ...second) },
  ];
  const records = members.map(({ name }) => ({
    image: name,
    conversations: [
      { from: "human", value: "What is shown?" },
      { from: "gpt", value: "Something." },
    ],
  }));
  await build(
    "vista-400k",
    new Map([
      ["README.md", Buffer.from("license: mit\n")],
      [`${task}/${task}_1.tar`, await tarOf(members)],
      [`${task}.json`, Buffer.from(JSON.stringify(records))],
    ]),
  );
  const third = ["480:360", [...x264, "-crf", "36"]] as const;
  await build(
    "video-mme",
    new Map(
      Object.entries(
        await videoMmeFiles([
          await clip("planted", "benchmark.mkv", ...third),
          await clip("black", "benchmark.mkv", ...third),
        ]),
      ).map(([path, bytes]) => [path, Buffer.from(bytes)]),
    ),
  );
}, 180_000);

afterAll(() => rm(scratch, { recursive: true, force: true }));

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
      new Set(["fingerprint vista-hr_video_grid_mcq-p0001-000000"]),
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

  it("refuses what is no output in one line", async () => {
    const ended = await shardmill(["overlap", "openvid-1m", "nothing-here", "--out", out]);
    expect([ended.code, ended.stderr.trim().split("\n").length]).toEqual([2, 1]);
    expect(ended.stderr).toContain("there is no output nothing-here");
  });
});
