import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HubStandIn, startHubStandIn } from "../hub-stand-in/index.ts";
import { partsByLabel, samplesByKey, statusOf } from "../support/build-status.ts";
import { shardHashes, tarsIn } from "../support/read-shards.ts";
import { shardmill, shardmillJson } from "../support/shardmill.ts";
import { cauldronFiles } from "./fixtures/cauldron.ts";

let scratch: string;
let out: string;
let folder: string;
let hub: HubStandIn;
let environment: Record<string, string>;

const build = (...more: string[]) =>
  shardmill(["build", "the-cauldron", "--out", out, "--set", "samplesPerShard=10", ...more], environment);

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-cauldron-"));
  out = join(scratch, "out");
  folder = join(out, "the-cauldron");
  hub = await startHubStandIn({ repo: "HuggingFaceM4/the_cauldron", files: await cauldronFiles() });
  environment = { HF_ENDPOINT: hub.endpoint };
  const ended = await build("--subsets", "ai2d,nlvr2,okvqa");
  expect(ended.code, ended.stderr + ended.stdout).toBe(0);
});

afterAll(async () => {
  await hub.close();
  await rm(scratch, { recursive: true, force: true });
});

describe("The Cauldron", () => {
  it("balances subset by subset: a part is a parquet file, a shard a run of whole row groups", async () => {
    const parts = await partsByLabel("the-cauldron", out);
    expect(parts["ai2d-p0000"]).toMatchObject({
      state: "done",
      members: 25,
      packed: 25,
      shards: { done: 3, total: 3 },
    });
    expect(parts["nlvr2-p0000"]).toMatchObject({ state: "done", members: 4, packed: 4 });
    expect(tarsIn(folder)).toEqual([
      "the-cauldron-ai2d-p0000-0000.tar",
      "the-cauldron-ai2d-p0000-0001.tar",
      "the-cauldron-ai2d-p0000-0002.tar",
      "the-cauldron-nlvr2-p0000-0000.tar",
    ]);
    expect((await statusOf("the-cauldron", out)).totals).toMatchObject({ unmatched: 0, samples: 29 });
  });

  it("leaves out rows without bytes, packs no shard of them, and never follows the authors' paths", async () => {
    const parts = await partsByLabel("the-cauldron", out);
    for (const label of ["okvqa-p0000", "okvqa-p0001"])
      expect(parts[label]).toMatchObject({
        state: "done",
        members: 3,
        packed: 0,
        skipped: 3,
        byCode: { image_bytes_missing: 3 },
      });
  });

  it("builds the one complete series of a folder and refuses a folder that has none", async () => {
    const { parts, remarks } = await statusOf("the-cauldron", out);
    expect(parts.filter(({ label }) => label.startsWith("okvqa")).length).toBe(2);
    expect(remarks.some((remark) => remark.includes("-of-563") && remark.includes("okvqa"))).toBe(true);
    const refused = parts.filter(({ label }) => label.startsWith("vsr"));
    expect(refused.length).toBeGreaterThan(0);
    for (const part of refused)
      expect(part).toMatchObject({ state: "absent", error: { code: "series_incomplete" } });
  });

  it("keeps every turn, with the first as user and assistant, under the keys of its dataset", () => {
    const sample = samplesByKey(folder).get("cauldron-ai2d-p0000-000011");
    expect(sample?.json).toMatchObject({
      caption: "Answer: A",
      caption_from: "answer",
      frame_count: 1,
      source: "cauldron/ai2d",
      subset: "ai2d",
      part: 0,
      member: "row 11",
      video_id: "train-00000-of-00001-2ce340398c113b79-11",
      assistant: "Answer: A",
    });
    const conversations = sample?.json.conversations as { user: string; assistant: string }[];
    expect(conversations.map(({ assistant }) => assistant)).toEqual(["Answer: A", "Answer: B", "Answer: B"]);
    expect(sample?.json.user).toBe(conversations[0]?.user);
    expect(conversations[1]?.user).toContain("it's größer");
    const shapes = new Set([...samplesByKey(folder).values()].map(({ json }) => Object.keys(json).join()));
    expect(shapes.size).toBe(1);
  });

  it("holds no media token of the source, and names each row by what is its own", () => {
    const samples = [...samplesByKey(folder).values()].map(({ json }) => json);
    expect(samples.filter((json) => /<image>|<video>/.test(JSON.stringify(json)))).toEqual([]);
    const names = samples.map(({ source, video_id }) => `${String(source)} ${String(video_id)}`);
    expect(new Set(names).size).toBe(samples.length);
  });

  it("makes one square JPEG of an image of any kind, and numbered ones of several", async () => {
    for (const [key, { fields }] of samplesByKey(folder)) {
      const images = [...fields.keys()].filter((field) => field.endsWith("jpg"));
      expect(images, key).toEqual(key.includes("nlvr2") ? ["000.jpg", "001.jpg"] : ["jpg"]);
      for (const image of images)
        expect(await sharp(fields.get(image)).metadata()).toMatchObject({
          width: 224,
          height: 224,
          format: "jpeg",
        });
    }
  });

  it("passes verify --deep", async () => {
    const verdict = await shardmillJson<{ ok: boolean; samples: number }>(["verify", folder, "--deep"]);
    expect(verdict).toMatchObject({ ok: true, samples: 29 });
  });

  it("makes only the lost row range again, and fetches its row groups and the footer only", async () => {
    const before = shardHashes(folder);
    rmSync(join(folder, ".shardmill/manifests/the-cauldron-ai2d-p0000-0001.json"));
    hub.log.length = 0;
    const ended = await shardmill(["retry", "the-cauldron", "--missing", "--out", out], environment);
    expect(ended.code, ended.stderr).toBe(0);
    expect(shardHashes(folder)).toEqual(before);
    const read = new Set(hub.log.flatMap(({ file }) => (file === null ? [] : [file])));
    expect([...read]).toEqual(["ai2d/train-00000-of-00001-2ce340398c113b79.parquet"]);
  });

  it("says which parts there are when one is asked for that does not exist", async () => {
    const ended = await build("--subsets", "ai3d");
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/no part ai3d/);
  });
});
