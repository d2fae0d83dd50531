import { rmSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HubStandIn, startHubStandIn } from "../hub-stand-in/index.ts";
import { partsByLabel, samplesByKey, statusOf } from "../support/build-status.ts";
import { writeFiles } from "../support/openvid-mirror.ts";
import { shardHashes, tarIdentities, tarsIn } from "../support/read-shards.ts";
import { shardmill, shardmillJson } from "../support/shardmill.ts";
import { academic, type LlavaFixture, llavaFixture, youtube } from "./fixtures/llava-video.ts";

interface Provenance {
  readonly rows: readonly {
    prefix: string;
    upstream: string | null;
    records: number;
    places: Record<string, number>;
  }[];
}

const name = "llava-video-178k";
let scratch: string;
let out: string;
let folder: string;
let fixture: LlavaFixture;
let hub: HubStandIn;
let environment: Record<string, string>;

const build = (root: string, ...more: string[]) =>
  shardmill(["build", name, "--out", root, "--set", "samplesPerShard=2", ...more], environment);

async function places(): Promise<Record<string, Record<string, number>>> {
  const { rows } = await shardmillJson<Provenance>(["provenance", name, "--out", out], environment);
  return Object.fromEntries(
    rows
      .filter((row) => row.records > 0)
      .map(({ prefix, records, places }) => [
        prefix,
        { records, ...Object.fromEntries(Object.entries(places).filter(([, count]) => count > 0)) },
      ]),
  );
}

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-llava-"));
  out = join(scratch, "out");
  folder = join(out, name);
  fixture = await llavaFixture();
  hub = await startHubStandIn({ repo: "lmms-lab/LLaVA-Video-178K", files: fixture.files });
  environment = { HF_ENDPOINT: hub.endpoint };
  const ended = await build(out);
  expect(ended.code, ended.stderr + ended.stdout).toBe(0);
});

afterAll(async () => {
  await hub.close();
  await rm(scratch, { recursive: true, force: true });
});

describe("LLaVA-Video-178K", () => {
  it("balances every tar.gz, streamed once", async () => {
    const parts = await partsByLabel(name, out);
    expect(parts[`${academic}-p0001`]).toMatchObject({
      state: "done",
      members: 5,
      packed: 5,
      shards: { done: 3, total: 3 },
    });
    expect(parts[`${academic}-p0002`]).toMatchObject({
      state: "done",
      members: 2,
      packed: 1,
      byCode: { no_annotation: 1 },
    });
    expect(parts["0_30_s_activitynetqa-p0001"]).toMatchObject({ state: "done", packed: 1 });
    for (const config of youtube)
      expect(parts[`${config}-p0001`]).toMatchObject({ state: "done", packed: 1 });
    // yc_0 and yc_1 three times, ego, gone four times, llava_hound's are not looked for: no part of it exists.
    expect((await statusOf(name, out)).totals.unmatched).toBeGreaterThan(0);
  });

  it("merges the caption, the open questions and the multiple choice of one video", () => {
    const samples = [...samplesByKey(folder).values()];
    const sample = samples.find(({ json }) => json.video_id === "Q00US");
    expect(sample?.key).toMatch(/^llava-0_30_s_academic_v0_1-p0001-\d{6}$/);
    expect(sample?.json).toMatchObject({
      caption: "A long caption of Q00US.",
      user: "What happens in Q00US?",
      source: `llava-video/${academic}`,
      video_id: "Q00US",
      member: "academic_source/Charades/Q00US.mp4",
    });
    const conversations = sample?.json.conversations as { user: string; assistant: string }[];
    expect(conversations.map(({ assistant }) => assistant)).toEqual([
      "This happens in Q00US.",
      "Nothing more.",
      "This happens in the first again.",
      "Nothing more.",
      "B.",
    ]);
    for (const { json } of samplesByKey(folder).values())
      expect(JSON.stringify(json)).not.toContain("<image>");
  });

  it("goes by the video's path, not by the record's id", () => {
    const samples = [...samplesByKey(folder).values()].filter(({ json }) => json.subset === youtube[0]);
    expect(samples.map(({ json }) => json.video_id)).toEqual(["ytb_-0_30_sx"]);
  });

  it("passes verify --deep", async () => {
    const verdict = await shardmillJson<{ ok: boolean }>(["verify", folder, "--deep"]);
    expect(verdict).toMatchObject({ ok: true, problems: [] });
  });

  it("makes only a lost range of a stream again", async () => {
    const before = shardHashes(folder);
    const tarsBefore = tarIdentities(folder);
    rmSync(join(folder, `.shardmill/manifests/${name}-${academic}-p0001-0001.json`));
    const ended = await shardmill(["retry", name, "--missing", "--out", out], environment);
    expect(ended.code, ended.stderr).toBe(0);
    expect(shardHashes(folder)).toEqual(before);
    const tars = tarIdentities(folder);
    const touched = Object.keys(tars).filter((tar) => tars[tar] !== tarsBefore[tar]);
    expect(touched).toEqual([`${name}-${academic}-p0001-0001.tar`]);
  });

  it("builds a named preset", async () => {
    const root = join(scratch, "preset");
    const ended = await build(root, "--preset", "youtube");
    expect(ended.code, ended.stderr + ended.stdout).toBe(0);
    const mine = shardHashes(join(root, name));
    expect(Object.keys(mine).length).toBe(4);
    for (const [tar, hash] of Object.entries(mine)) expect(shardHashes(folder)[tar], tar).toBe(hash);
  });
});

describe("videos that are elsewhere", () => {
  it("are told by prefix, with the records on them", async () => {
    expect(await places()).toEqual({
      "academic_source/Charades/": { records: 10, hosted: 10 },
      "academic_source/youcook2/": { records: 3, external: 3 },
      "academic_source/ego4d/": { records: 1, external: 1 },
      "ActivityNet-QA/": { records: 2, hosted: 2 },
      "liwei_youtube_videos/": { records: 16, hosted: 12, absent_in_parts: 4 },
      "shareVideoGPTV/": { records: 2, mixed: 2 },
    });
  });

  it("become samples by a root of the user's, touch no other shard and are not asked of the Hub", async () => {
    const config = join(scratch, "config", "shardmill");
    const entries = (files: LlavaFixture["youcookRoot"]) =>
      new Map(files.map(({ name: path, bytes }) => [path, Buffer.from(bytes)]));
    await writeFiles(join(scratch, "youcook"), entries(fixture.youcookRoot));
    await writeFiles(join(scratch, "hound"), entries(fixture.houndRoot));
    await mkdir(config, { recursive: true });
    await writeFile(
      join(config, "config.yaml"),
      `roots:\n  academic_source/youcook2/: $YOUCOOK_ROOT/\n  shareVideoGPTV/: ${join(scratch, "hound")}\n`,
    );
    environment = {
      ...environment,
      XDG_CONFIG_HOME: join(scratch, "config"),
      YOUCOOK_ROOT: join(scratch, "youcook"),
    };
    const before = shardHashes(folder);
    const tarsBefore = tarIdentities(folder);
    hub.log.length = 0;
    const ended = await shardmill(["retry", name, "--missing", "--out", out], environment);
    expect(ended.code, ended.stderr + ended.stdout).toBe(0);
    const added = tarsIn(folder).filter((tar) => before[tar] === undefined);
    expect(added).toEqual([`${name}-${academic}-p9002-0000.tar`, `${name}-llava_hound-p9009-0000.tar`]);
    expect(tarIdentities(folder)).toMatchObject(tarsBefore);
    const samples = samplesByKey(folder);
    expect(samples.get(`llava-${academic}-p9002-000000`)?.json).toMatchObject({
      caption: "A long caption of yc_0.",
      video_id: "yc_0",
      member: "academic_source/youcook2/split_2/yc_0.mp4",
    });
    // Cut out of a longer video, as the root's table says.
    const cut = samples.get(`llava-${academic}-p9002-000001`)?.json;
    expect(cut).toMatchObject({ caption: "A long caption of yc_1.", video_id: "yc_1", duration: 1.5 });
    expect(Object.keys(cut ?? {})).toEqual(
      Object.keys(samples.get(`llava-${academic}-p9002-000000`)?.json ?? {}),
    );
    for (const time of (cut?.frame_times ?? []) as number[]) expect(time).toBeLessThan(1.5);
    expect(samples.get("llava-llava_hound-p9009-000001")?.json).toMatchObject({
      video_id: "hound_2",
      // Three pictures at two a second: a second and a half.
      frame_count: 2,
      frame_times: [0, 1],
      duration: 1.5,
      fps: 2,
    });
    expect(hub.log.some(({ file }) => file?.endsWith(".tar.gz"))).toBe(false);
    expect(await partsByLabel(name, out)).toMatchObject({
      [`${academic}-p9002`]: { state: "done", members: 2, packed: 2 },
    });
  });

  it("are told as local afterwards, and those that no root has stay external", async () => {
    expect(await places()).toMatchObject({
      "academic_source/youcook2/": { records: 3, local: 3 },
      "academic_source/ego4d/": { records: 1, external: 1 },
      "shareVideoGPTV/": { records: 2, local: 1, mixed: 1 },
    });
    const again = await shardmill(["retry", name, "--missing", "--out", out], environment);
    expect(again.stdout).toMatch(/Nothing to do/);
    const verdict = await shardmillJson<{ ok: boolean }>(["verify", folder]);
    expect(verdict).toMatchObject({ ok: true, problems: [] });
  });
});
