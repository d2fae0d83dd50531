import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HubStandIn, startHubStandIn } from "../hub-stand-in/index.ts";
import { partsByLabel, samplesByKey, statusOf } from "../support/build-status.ts";
import { shardmill, shardmillJson } from "../support/shardmill.ts";
import { zip } from "../support/zip.ts";

/** The example of docs/datasets.md: folders of frames in zips of one place, their questions in another, and some more frames there. */
async function entryOf(license: string): Promise<string> {
  const docs = await readFile(new URL("../../docs/datasets.md", import.meta.url), "utf8");
  const [, example = ""] = /```yaml\n(source: .*?)```/s.exec(docs) ?? [];
  const places = example
    .replace(/^source: .*$/m, "source: { kind: folder }")
    .replaceAll("revision: v1", "revision: main")
    .replace(
      "subsets: [mcq, open]",
      "subsets: [mcq, open, old, grown], withdrawn: { old: withdrawn by its owners in 2024 }",
    );
  return `name: my-frames
title: Frames of one place, questions of another
purpose: eval
keyPrefix: frames
sourceName: my-frames/{subset}
license: CC0-1.0
subsetTerms: { extra: { license: "${license}" } }
${places}`;
}

const questions = (video: string, answer: string) => JSON.stringify([{ video, question: "What?", answer }]);

let scratch: string;
let hub: HubStandIn;
let environment: Record<string, string>;

async function framesZip(folder: string): Promise<Buffer> {
  const picture = (grey: number) =>
    sharp({ create: { width: 32, height: 32, channels: 3, background: { r: grey, g: grey, b: grey } } })
      .png()
      .toBuffer();
  const names = Array.from({ length: 8 }, (_, place) => place);
  return zip(
    await Promise.all(
      names.map(async (place) => ({ name: `${folder}/${place + 1}.png`, bytes: await picture(place * 20) })),
    ),
  );
}

const catalogued = (text: string) =>
  writeFile(join(scratch, "config/shardmill/datasets/my-frames.yaml"), text);
const build = (...more: string[]) =>
  shardmill(
    ["build", "my-frames", "--source", join(scratch, "media"), "--out", join(scratch, "out"), ...more],
    environment,
  );
const parts = () => partsByLabel("my-frames", join(scratch, "out"));
/** By part what its one sample answers. */
const answers = () =>
  Object.fromEntries(
    [...samplesByKey(join(scratch, "out/my-frames")).values()].map(({ json }) => [
      json.subset,
      json.assistant,
    ]),
  );
const committed = async (label: string): Promise<string> => {
  const manifest = join(scratch, `out/my-frames/.shardmill/manifests/my-frames-${label}-0000.json`);
  return (JSON.parse(await readFile(manifest, "utf8")) as { made: { committedAt: string } }).made.committedAt;
};

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-two-places-"));
  hub = await startHubStandIn({
    repo: "me/questions",
    files: {
      "json/mcq.json": questions("a_1", "one"),
      "json/open.json": questions("b_1", "two"),
      "json/extra.json": questions("c_1", "three"),
      // Of these nobody has the media, and of the last nobody ever will again.
      "json/grown.json": questions("d_1", "four"),
      "json/old.json": questions("e_1", "five"),
      "more/extra_0.zip": await framesZip("tv/c_1"),
    },
  });
  await mkdir(join(scratch, "media"));
  await writeFile(join(scratch, "media/mcq_frames_0.zip"), await framesZip("a_1"));
  await writeFile(join(scratch, "media/open_frames_0.zip"), await framesZip("b_1"));
  await mkdir(join(scratch, "config/shardmill/datasets"), { recursive: true });
  environment = { XDG_CONFIG_HOME: join(scratch, "config"), HF_ENDPOINT: hub.endpoint };
  await catalogued(await entryOf("MIT"));
});

afterAll(async () => {
  await hub.close();
  await rm(scratch, { recursive: true, force: true });
});

describe("media and records in two places", () => {
  it("are planned from both listings", async () => {
    const plan = await shardmillJson<{ parts: { part: string; state: string }[]; places: unknown }>(
      ["plan", "my-frames", "--source", join(scratch, "media")],
      environment,
    );
    expect(Object.fromEntries(plan.parts.map(({ part, state }) => [part, state]))).toEqual({
      "extra-p0000": "present",
      "grown-p0000": "absent",
      "mcq-p0000": "present",
      "old-p0000": "absent",
      "open-p0000": "present",
    });
    expect(plan.places).toEqual([{ source: "hub:me/questions", revision: hub.commit }]);
  });

  it("are one dataset, whose record says where each came from", async () => {
    const ended = await build();
    expect(ended.code, ended.stderr + ended.stdout).toBe(0);
    expect(answers()).toEqual({ mcq: "one", open: "two", extra: "three" });
    const samples = [...samplesByKey(join(scratch, "out/my-frames")).values()];
    for (const { json } of samples)
      expect(json).toMatchObject({
        license: json.subset === "extra" ? "MIT" : "CC0-1.0",
        frame_count: 4,
        frame_times: [0, 1, 2, 3],
      });
    const record = JSON.parse(await readFile(join(scratch, "out/my-frames/.shardmill/build.json"), "utf8"));
    expect(record.source).toMatchObject({ kind: "folder", revision: null });
    expect(record.sources).toEqual([
      {
        prefix: "me/questions@main:",
        kind: "hub",
        name: "hub:me/questions",
        revision: hub.commit,
        location: hub.endpoint,
      },
    ]);
    const manifest = await readFile(
      join(scratch, "out/my-frames/.shardmill/manifests/my-frames-extra-p0000-0000.json"),
      "utf8",
    );
    expect(JSON.parse(manifest).made).toMatchObject({ source: "hub:me/questions", revision: hub.commit });
  });

  it("of a benchmark: media that nobody fetched are a state with a reason, and no failure", async () => {
    expect((await parts())["grown-p0000"]).toMatchObject({
      state: "absent",
      error: { code: "media_not_fetched", detail: expect.stringContaining("grown_frames_{part}.zip") },
    });
    expect((await parts())["old-p0000"]).toMatchObject({
      state: "absent",
      error: { code: "part_absent", detail: "withdrawn by its owners in 2024" },
    });
    const { stdout } = await shardmill(["failures", "my-frames", "--out", join(scratch, "out")], environment);
    expect(stdout).toMatch(
      /grown-p0000 {2}media_not_fetched {2}me\/questions@main:json\/grown.json has questions/,
    );
    // Each question of them, and none of what was withdrawn.
    expect(stdout).toContain("grown  d_1  media_not_fetched  1 question");
    expect(stdout).not.toContain("e_1");
    expect((await statusOf("my-frames", join(scratch, "out"))).totals.notFetched).toBe(1);
  });

  it("go stale by themselves: of another answer, of another licence, its own subset, and none of another README", async () => {
    const before = await committed("open-p0000");
    hub.commitFiles({ "README.md": "other words", "json/mcq.json": questions("a_1", "another one") });
    await catalogued(await entryOf("CC-BY-4.0"));
    const told = await build();
    expect(told.code).toBe(1);
    expect(told.stderr).toContain(
      "mcq-p0000 is stale and left alone: me/questions@main:json/mcq.json changed",
    );
    expect(told.stderr).toContain("extra-p0000 is stale and left alone: its licence changed to CC-BY-4.0");
    expect(told.stderr).not.toContain("open-p0000 is stale");
    const ended = await shardmill(
      ["retry", "my-frames", "--stale", "--out", join(scratch, "out")],
      environment,
    );
    expect(ended.code, ended.stderr + ended.stdout).toBe(0);
    expect(answers()).toEqual({ mcq: "another one", open: "two", extra: "three" });
    const licenses = [...samplesByKey(join(scratch, "out/my-frames")).values()].map(({ json }) => [
      json.subset,
      json.license,
    ]);
    expect(Object.fromEntries(licenses)).toEqual({ mcq: "CC0-1.0", open: "CC0-1.0", extra: "CC-BY-4.0" });
    expect(await committed("open-p0000")).toBe(before);
  });

  it("are told where one of them is not there", async () => {
    await catalogued((await entryOf("CC-BY-4.0")).replaceAll("me/questions", "me/nothing"));
    const ended = await build("--rebuild");
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/hub:me\/nothing/);
    expect(ended.stderr.trim().split("\n").length).toBeLessThan(5);
    expect((await statusOf("my-frames", join(scratch, "out"))).totals.samples).toBe(3);
  });
});
