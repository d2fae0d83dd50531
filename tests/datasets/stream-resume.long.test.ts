import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { millShard } from "@shardmill/pipeline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { descendants, isAlive, killHard } from "../faults/processes.ts";
import { until } from "../faults/until.ts";
import { type HubStandIn, startHubStandIn } from "../hub-stand-in/index.ts";
import { makeClips } from "../support/make-clips.ts";
import { shardHashes } from "../support/read-shards.ts";
import { shardmill, startShardmill } from "../support/shardmill.ts";
import { openDataset } from "./fixtures/open-dataset.ts";
import { tarGzOf } from "./fixtures/tar.ts";

const name = "llava-video-178k";
const subset = "0_30_s_academic_v0_1";
const archive = `${subset}/${subset}_videos_1.tar.gz`;
const members = 12;
const perShard = 3;
const member = (index: number) => `academic_source/Charades/C${String(index).padStart(2, "0")}.mp4`;

let scratch: string;
let hub: HubStandIn;
let quick: HubStandIn;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-resume-"));
  const clips = await makeClips(4);
  const records = Array.from({ length: members }, (_, index) => ({
    id: `C${index}`,
    video: member(index),
    data_source: subset,
    conversations: [
      { from: "human", value: "<image>\nWhat is shown?" },
      { from: "gpt", value: `Clip ${index}.` },
    ],
  }));
  const tar = await tarGzOf(
    Array.from({ length: members }, (_, i) => ({ name: member(i), bytes: clips[i % 4] ?? Buffer.of() })),
  );
  const files = { [archive]: tar, [`${subset}/${subset}_cap_processed.json`]: JSON.stringify(records) };
  const repo = "lmms-lab/LLaVA-Video-178K";
  // Slow enough that the build can be met in mid-archive.
  hub = await startHubStandIn({ repo, files, bytesPerSecond: Math.ceil(tar.length / 8) });
  quick = await startHubStandIn({ repo, files });
});

afterAll(async () => {
  await Promise.all([hub.close(), quick.close()]);
  await rm(scratch, { recursive: true, force: true });
});

const args = (out: string): string[] => [
  ...["build", name, "--subsets", subset, "--out", out, "--workers", "1"],
  ...["--set", `samplesPerShard=${perShard}`],
];

it("a tar.gz whose build was killed in mid-stream is streamed on, and only what is not committed is decoded", async () => {
  const out = join(scratch, "out");
  const manifests = join(out, name, ".shardmill/manifests");
  const committed = (): number =>
    existsSync(manifests) ? readdirSync(manifests).filter((file) => /^[^.].*\.json$/.test(file)).length : 0;
  const build = startShardmill(args(out), { HF_ENDPOINT: hub.endpoint });
  await until("two shards committed", () => committed() >= 2);
  const family = descendants(build.child.pid ?? 0);
  killHard(build.child.pid ?? 0);
  await build.ended;
  // Its worker may commit one more on its way out.
  await until("no orphan", () => family.every(({ pid }) => !isAlive(pid)));
  const opened = await openDataset(name, out, hub.endpoint);
  try {
    const part = { subset, part: 1 };
    const before = (await opened.context.records.listManifests(part)).length;
    expect(before).toBeLessThan(members / perShard);
    const ends = await millShard(
      opened.context,
      { part, task: { kind: "stream" } },
      opened.tools,
      new AbortController().signal,
    );
    expect(ends.map(({ kind }) => kind)).toEqual(
      Array.from({ length: members / perShard }, (_, range) => (range < before ? "already" : "committed")),
    );
    expect(opened.decoded).toEqual(
      Array.from({ length: members - before * perShard }, (_, i) => member(before * perShard + i)),
    );
  } finally {
    await opened.close();
  }
  const whole = join(scratch, "whole");
  const ended = await shardmill(args(whole), { HF_ENDPOINT: quick.endpoint });
  expect(ended.code, ended.stderr).toBe(0);
  expect(shardHashes(join(out, name))).toEqual(shardHashes(join(whole, name)));
});
