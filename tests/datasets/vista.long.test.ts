import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HubStandIn, startHubStandIn } from "../hub-stand-in/index.ts";
import { partsByLabel, samplesByKey } from "../support/build-status.ts";
import { writeFiles } from "../support/openvid-mirror.ts";
import { shardHashes, tarIdentities } from "../support/read-shards.ts";
import { shardmill, shardmillJson } from "../support/shardmill.ts";
import { vistaClips, vistaFiles, vistaFrameFiles } from "./fixtures/vista.ts";

const task = "hr_video_grid_mcq";
let scratch: string;
let out: string;
let folder: string;
let files: Record<string, Uint8Array | string>;
let hub: HubStandIn;
let environment: Record<string, string>;

const build = (root: string, ...more: string[]) =>
  shardmill(["build", "vista-400k", "--out", root, "--set", "samplesPerShard=3", ...more], environment);

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-vista-"));
  out = join(scratch, "out");
  folder = join(out, "vista-400k");
  files = await vistaFiles();
  hub = await startHubStandIn({ repo: "TIGER-Lab/VISTA-400K", files });
  environment = { HF_ENDPOINT: hub.endpoint };
  const ended = await build(out);
  // One member of the second tar is no video.
  expect(ended.code, ended.stderr + ended.stdout).toBe(1);
});

afterAll(async () => {
  await hub.close();
  await rm(scratch, { recursive: true, force: true });
});

describe("VISTA-400K with mp4 files in its tars", () => {
  it("balances every tar, with each task's own annotations", async () => {
    const parts = await partsByLabel("vista-400k", out);
    expect(parts[`${task}-p0001`]).toMatchObject({
      state: "done",
      members: 6,
      packed: 3,
      failed: 0,
      skipped: 3,
      byCode: { ambiguous_annotation: 1, no_annotation: 1, not_media: 1 },
      shards: { done: 1, total: 1 },
    });
    expect(parts[`${task}-p0002`]).toMatchObject({
      state: "done",
      members: 7,
      packed: 6,
      failed: 1,
      shards: { done: 3, total: 3 },
    });
    expect(parts["long_video_caption-p0001"]).toMatchObject({ state: "done", members: 1, packed: 1 });
  });

  it("joins by exact path, below the task's folder and by name, and merges a media's records", () => {
    const samples = [...samplesByKey(folder).values()].filter(({ key }) =>
      key.startsWith(`vista-${task}-p0001`),
    );
    expect(samples.map(({ json }) => json.video_id)).toEqual([...vistaClips]);
    const conversations = samples[0]?.json.conversations as { user: string; assistant: string }[];
    expect(conversations.map(({ assistant }) => assistant)).toEqual([
      "Answer 0 on the first.",
      "Answer 1 on the first.",
      "Answer 0 on the first again.",
    ]);
    expect(samples[0]?.json).toMatchObject({
      source: `vista/${task}`,
      user: "Question 0 on the first?",
      caption: "Answer 0 on the first.",
      caption_from: "answer",
    });
  });

  it("passes verify --deep", async () => {
    const verdict = await shardmillJson<{ ok: boolean }>(["verify", folder, "--deep"]);
    expect(verdict).toMatchObject({ ok: true, problems: [] });
  });

  it("streams the tar again for a lost range, but makes only that range", async () => {
    const before = shardHashes(folder);
    const tarsBefore = tarIdentities(folder);
    const lost = `vista-400k-${task}-p0002-0001`;
    rmSync(join(folder, `.shardmill/manifests/${lost}.json`));
    const ended = await shardmill(["retry", "vista-400k", "--missing", "--out", out], environment);
    expect(ended.stderr).not.toMatch(/bug/);
    expect(shardHashes(folder)).toEqual(before);
    const tars = tarIdentities(folder);
    const touched = Object.keys(tars).filter((tar) => tars[tar] !== tarsBefore[tar]);
    expect(touched).toEqual([`${lost}.tar`]);
    expect((await partsByLabel("vista-400k", out))[`${task}-p0002`]).toMatchObject({
      state: "done",
      packed: 6,
    });
  });

  it("has the same bytes from a folder as from the Hub", async () => {
    const entries = Object.entries(files).map(([path, bytes]) => [path, Buffer.from(bytes)] as const);
    const source = await writeFiles(join(scratch, "mirror"), new Map(entries));
    const twin = join(scratch, "twin");
    await build(twin, "--source", source, "--parts", `${task}:1`);
    const mine = shardHashes(join(twin, "vista-400k"));
    const tar = `vista-400k-${task}-p0001-0000.tar`;
    expect(Object.keys(mine)).toEqual([tar]);
    expect(mine[tar]).toBe(shardHashes(folder)[tar]);
  });
});

describe("records: each", () => {
  it("makes a sample of every record, with a key of its own", async () => {
    const each = join(scratch, "each");
    const ended = await build(each, "--parts", `${task}:1`, "--set", "records=each");
    expect(ended.code, ended.stderr + ended.stdout).toBe(0);
    const samples = samplesByKey(join(each, "vista-400k"));
    const prefix = `vista-${task}-p0001`;
    const first = [...samples.values()].filter(({ json }) => json.video_id === vistaClips[0]);
    expect(first.map(({ json }) => json.assistant)).toEqual([
      "Answer 0 on the first.",
      "Answer 0 on the first again.",
    ]);
    expect(first.map(({ key }) => key)).toEqual([
      expect.stringMatching(`^${prefix}-\\d{6}-0$`),
      expect.stringMatching(/-1$/),
    ]);
    expect(samples.size).toBe(4);
    for (const key of samples.keys()) expect(key).toMatch(/-\d{6}-\d$/);
  });
});

describe("VISTA-400K as a copy with folders of frames", () => {
  it("makes one sample of each folder, frames in the order of their numbers, at most 64", async () => {
    const source = await writeFiles(
      join(scratch, "frames"),
      new Map(Object.entries(await vistaFrameFiles()).map(([path, bytes]) => [path, Buffer.from(bytes)])),
    );
    const root = join(scratch, "frames-out");
    const ended = await build(root, "--source", source);
    expect(ended.code, ended.stderr + ended.stdout).toBe(0);
    const samples = [...samplesByKey(join(root, "vista-400k")).values()];
    expect(samples.map(({ json }) => [json.video_id, json.frame_count])).toEqual([
      [vistaClips[0], 3],
      [vistaClips[1], 12],
      [vistaClips[2], 64],
    ]);
    for (const { fields, json } of samples) {
      const frames = [...fields].filter(([field]) => field.endsWith(".jpg"));
      expect(frames.length).toBe(json.frame_count);
      const brightness = await Promise.all(
        frames.map(async ([, bytes]) => (await sharp(bytes).stats()).channels[0]?.mean),
      );
      expect(brightness).toEqual([...brightness].sort((x, y) => (x ?? 0) - (y ?? 0)));
      expect(json).toMatchObject({ frame_times: null, duration: null, codec: null });
    }
    expect(await partsByLabel("vista-400k", root)).toMatchObject({
      [`${task}-p0001`]: { members: 3, packed: 3, skipped: 0 },
    });
  });
});
