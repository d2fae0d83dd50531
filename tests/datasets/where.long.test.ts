import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { statusOf } from "../support/build-status.ts";
import { makeClips } from "../support/make-clips.ts";
import { writeFiles } from "../support/openvid-mirror.ts";
import { jsonOf, readSamples, tarsIn } from "../support/read-shards.ts";
import { shardmill, shardmillJson } from "../support/shardmill.ts";

/** A folder of four clips of 0.3 to 3.3 seconds; the entry beside the output names a field of their table. */
const entry = `name: clips
title: Clips
keyPrefix: clips
sourceName: clips
license: CC0-1.0
source: { kind: folder }
parts: [{ archive: images, path: "**" }]
media: video
annotations: { kind: files, files: [{ path: captions.csv, format: csv }], key: file_name, match: [exact] }
text: { adapter: caption }
fields: { score: { from: score, type: int } }
`;

let scratch: string;
const out = () => join(scratch, "out");
const build = (...more: string[]) =>
  shardmill(["build", join(scratch, "clips"), "--out", out(), "--workers", "1", ...more]);

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-where-"));
  const clips = await makeClips(4);
  await writeFiles(
    join(scratch, "clips"),
    new Map([
      ...clips.map((bytes, at) => [`${at}.mp4`, bytes] as const),
      ["captions.csv", Buffer.from("file_name,caption,score\n0.mp4,a,5\n1.mp4,b,5\n2.mp4,c,\n3.mp4,d,9\n")],
    ]),
  );
  await writeFiles(out(), new Map([["clips.yaml", Buffer.from(entry)]]));
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

describe("samples that a recipe asks for", () => {
  it("are those that all of its rules hold for; the others are counted by rule", async () => {
    const ended = await build("--where", "score >= 5 and duration > 1 and frames < 3");
    expect(ended.code, ended.stderr).toBe(0);
    const samples = tarsIn(join(out(), "clips")).flatMap((tar) => readSamples(join(out(), "clips", tar)));
    expect(samples.map((sample) => jsonOf(sample).caption)).toEqual(["b"]);
    const { parts, totals } = await statusOf("clips", out());
    expect(parts).toMatchObject([{ members: 4, packed: 1, failed: 0, skipped: 3, byCode: { filtered: 3 } }]);
    expect(totals.unmatched).toBe(0);
    const { causes } = await shardmillJson<{ causes: unknown }>(["failures", "clips", "--out", out()]);
    expect(causes).toEqual([
      { code: "filtered", cause: "duration > 1", count: 1 },
      { code: "filtered", cause: "frames < 3", count: 1 },
      { code: "filtered", cause: "score >= 5", count: 1 },
    ]);
    const told = await shardmill(["failures", "clips", "--out", out()]);
    expect(told.stdout).toContain("  filtered: 1 score >= 5");
    const verified = await shardmill(["verify", join(out(), "clips")]);
    expect(verified.code, verified.stdout).toBe(0);
    const again = await build("--where", " score>=5 and (duration > 1)  and frames<3 ");
    expect(again.code, again.stderr).toBe(0);
  });

  it("are asked for by fields that the dataset has, in one line", async () => {
    const wrong = await build("--where", "scroe >= 5");
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain(
      "recipe.where: there is no field scroe; known are score, caption, member, duration, width, height, fps, frames",
    );
    const broken = await build("--where", "score >= ");
    expect(broken.code).toBe(2);
    expect(broken.stderr).toContain("recipe.where: expected a number, or a text in quotes at the end");
    const other = await build("--where", "score >= 6");
    expect(other.stderr).toContain("recipe");
    expect(other.code).not.toBe(0);
  });
});
