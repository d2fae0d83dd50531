import { execFileSync } from "node:child_process";
import { existsSync, rmSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HubStandIn, startHubStandIn } from "./hub-stand-in/index.ts";
import { makeClips } from "./support/make-clips.ts";
import { membersOf, openvidFiles, writeFiles } from "./support/openvid-mirror.ts";
import { jsonOf, leftovers, readSamples, shardHashes, tarIdentities, tarsIn } from "./support/read-shards.ts";
import { shardmill, shardmillJson } from "./support/shardmill.ts";

interface Status {
  readonly revision: string | null;
  readonly parts: readonly {
    label: string;
    state: string;
    members: number | null;
    packed: number;
    failed: number;
    skipped: number;
    shards: { done: number; total: number | null };
    byCode: Record<string, number>;
    error: { code: string; detail: string } | null;
  }[];
  readonly totals: {
    members: number;
    packed: number;
    failed: number;
    skipped: number;
    unmatched: number | null;
  };
}

/** The main job, end to end: a repository like OpenVid's behind the Hub stand-in, through the real command line. */
let scratch: string;
let hub: HubStandIn;
let clips: Buffer[];
let environment: Record<string, string>;
const build = (out: string, ...more: string[]) =>
  shardmill(
    ["build", "openvid-1m", "--parts", "72-74", "--out", out, "--set", "samplesPerShard=5", ...more],
    environment,
  );
const statusOf = (out: string) => shardmillJson<Status>(["status", "openvid-1m", "--out", out], environment);
const folderOf = (out: string) => join(out, "openvid-1m");

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-mill-"));
  clips = await makeClips(12);
  const truncated = clips[2]!.subarray(0, Math.floor(clips[2]!.length / 3));
  const part74 = [
    ...membersOf(74, clips, 6),
    { name: "videos_74/noise.mp4", bytes: Buffer.from("this is no video at all, though its name says so") },
    { name: "videos_74/empty.mp4", bytes: Buffer.alloc(0) },
    { name: "videos_74/cut.mp4", bytes: truncated },
    { name: "other/clip_74_1.mp4", bytes: clips[1]! },
    { name: "videos_74/notes.txt", bytes: Buffer.from("no media") },
    { name: "videos_74/unknown.mp4", bytes: clips[0]! },
  ];
  const files = await openvidFiles([
    { part: 72, members: membersOf(72, clips, 12) },
    { part: 73, members: membersOf(73, clips, 12), pieces: 2 },
    { part: 74, members: part74, uncaptioned: ["unknown.mp4"] },
  ]);
  files.set("OpenVid_part98_partab", Buffer.from("a stray piece"));
  hub = await startHubStandIn({ repo: "nkp37/OpenVid-1M", files: Object.fromEntries(files), pageLimit: 3 });
  environment = { HF_ENDPOINT: hub.endpoint };
  const first = await build(join(scratch, "one"));
  expect(first.stderr + first.stdout).toContain("part98");
  expect(first.code, first.stderr).toBe(1);
});

afterAll(async () => {
  await hub.close();
  await rm(scratch, { recursive: true, force: true });
});

describe("a build of OpenVid parts from the Hub", () => {
  it("accounts for every member of every part, in status, ledgers and tars alike", async () => {
    const status = await statusOf(join(scratch, "one"));
    expect(status.revision).toBe(hub.commit);
    const parts = Object.fromEntries(status.parts.filter((p) => p.packed > 0).map((p) => [p.label, p]));
    expect(Object.keys(parts)).toEqual(["p0072", "p0073", "p0074"]);
    expect(parts.p0072).toMatchObject({
      state: "done",
      members: 12,
      packed: 12,
      failed: 0,
      skipped: 0,
      shards: { done: 3, total: 3 },
    });
    expect(parts.p0073).toMatchObject({ state: "done", members: 12, packed: 12 });
    expect(parts.p0074).toMatchObject({ state: "done", members: 12, packed: 6, failed: 3, skipped: 3 });
    expect(parts.p0074?.byCode).toMatchObject({
      duplicate_name: 1,
      not_media: 1,
      no_annotation: 1,
      empty_member: 1,
    });
    for (const part of Object.values(parts))
      expect(part.members).toBe(part.packed + part.failed + part.skipped);
    const samples = tarsIn(folderOf(join(scratch, "one"))).flatMap((tar) =>
      readSamples(join(folderOf(join(scratch, "one")), tar)),
    );
    expect(samples.length).toBe(30);
    expect(new Set(samples.map((sample) => sample.key)).size).toBe(30);
    // Parts 0 to 185 are expected, and only three are there.
    expect(status.parts.filter((part) => part.state === "absent").length).toBe(183);
    expect(status.parts.find((part) => part.label === "p0098")?.error?.code).toBe("pieces_incomplete");
  });

  it("packs what the trainer reads: frames numbered from 0, JSON of one shape, the caption as it is in the source", () => {
    const folder = folderOf(join(scratch, "one"));
    const samples = tarsIn(folder).flatMap((tar) => readSamples(join(folder, tar)));
    const shapes = new Set(samples.map((sample) => Object.keys(jsonOf(sample)).join()));
    expect(shapes.size).toBe(1);
    for (const sample of samples) {
      const json = jsonOf(sample);
      const frames = [...sample.fields.keys()].filter((field) => /^\d{3}\.jpg$/.test(field));
      expect(frames).toEqual(frames.map((_, i) => `${String(i).padStart(3, "0")}.jpg`));
      expect(json).toMatchObject({ source: "openvid", frame_count: frames.length });
      expect((json.frame_times as number[]).length).toBe(frames.length);
      expect(json.caption).toBe(
        `A clip named ${String(json.video_id)}.mp4, with "quotes", commas\nand a second line.`,
      );
      for (const field of frames)
        expect(sample.fields.get(field)?.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    }
  });

  it("writes tars that GNU tar lists, with nothing but plain files of fixed attributes", () => {
    const folder = folderOf(join(scratch, "one"));
    for (const tar of tarsIn(folder)) {
      const lines = execFileSync("tar", ["--utc", "-tvf", join(folder, tar)], { encoding: "utf8" })
        .trim()
        .split("\n");
      expect(
        lines.every((line) => line.startsWith("-rw-r--r-- 0/0") && line.includes("1970-01-01 00:00")),
      ).toBe(true);
      expect(statSync(join(folder, tar)).size % 10_240).toBe(0);
    }
  });

  it("passes verify --deep", async () => {
    const verdict = await shardmillJson<{ ok: boolean; samples: number; problems: unknown[] }>([
      "verify",
      folderOf(join(scratch, "one")),
      "--deep",
    ]);
    expect(verdict).toMatchObject({ ok: true, samples: 30, problems: [] });
  });

  it("tells each sample left out, with its reason", async () => {
    const { failures } = await shardmillJson<{ failures: { member: string; code: string }[] }>([
      "failures",
      "openvid-1m",
      "--out",
      join(scratch, "one"),
    ]);
    const codes = Object.fromEntries(failures.map(({ member, code }) => [member, code]));
    expect(codes).toMatchObject({
      "videos_74/empty.mp4": "empty_member",
      "other/clip_74_1.mp4": "duplicate_name",
      "videos_74/notes.txt": "not_media",
      "videos_74/unknown.mp4": "no_annotation",
    });
    expect(codes["videos_74/noise.mp4"]).toMatch(/no_video_stream|decode_error/);
    expect(codes["videos_74/cut.mp4"]).toMatch(/decode_truncated|decode_error|no_video_stream|zero_frames/);
  });

  it("makes nothing again when it is asked for again", async () => {
    const folder = folderOf(join(scratch, "one"));
    const before = tarsIn(folder).map((tar) => statSync(join(folder, tar)).mtimeMs);
    const requests = hub.log.length;
    await build(join(scratch, "one"));
    expect(tarsIn(folder).map((tar) => statSync(join(folder, tar)).mtimeMs)).toEqual(before);
    const bytes = hub.log.slice(requests).reduce((sum, { bytesSent }) => sum + bytesSent, 0);
    expect(bytes).toBeLessThan(200_000);
  });

  it("refuses another recipe for the same folder in one line, and takes it with --rebuild", async () => {
    const refused = await build(join(scratch, "one"), "--set", "quality=50");
    expect(refused.code).toBe(3);
    expect(refused.stderr.trim().split("\n").at(-1)).toMatch(/recipe.*--rebuild/);
  });
});

describe("the same bytes", () => {
  it("come from pieces and from one file, from 1 and from 4 clips at once, from a folder and from the Hub", async () => {
    const files = await openvidFiles([{ part: 73, members: membersOf(73, clips, 12) }]);
    const source = await writeFiles(join(scratch, "mirror"), files);
    const out = join(scratch, "twin");
    const ended = await shardmill([
      "build",
      "openvid-1m",
      "--parts",
      "73",
      "--source",
      source,
      "--out",
      out,
      "--set",
      "samplesPerShard=5",
      "--workers",
      "4",
    ]);
    expect(ended.code, ended.stderr).toBe(0);
    const mine = shardHashes(folderOf(out));
    const theirs = shardHashes(folderOf(join(scratch, "one")));
    expect(Object.keys(mine).length).toBe(3);
    for (const [tar, hash] of Object.entries(mine)) expect(theirs[tar], tar).toBe(hash);
  });
});

describe("retry --missing", () => {
  it.each([
    ["tar", "openvid-1m-p0072-0001", (shard: string) => `${shard}.tar`],
    ["manifest", "openvid-1m-p0073-0002", (shard: string) => `.shardmill/manifests/${shard}.json`],
  ])("makes exactly the range again whose %s was deleted", async (_what, shard, fileOf) => {
    const folder = folderOf(join(scratch, "one"));
    const before = { hashes: shardHashes(folder), tars: tarIdentities(folder) };
    const gone = join(folder, fileOf(shard));
    rmSync(gone);
    const { items } = await shardmillJson<{ items: { label: string; shards: number }[] }>(
      ["retry", "openvid-1m", "--missing", "--dry-run", "--out", join(scratch, "one")],
      environment,
    );
    expect(items.length).toBe(1);
    expect(items[0]?.shards).toBe(1);
    const ended = await shardmill(
      ["retry", "openvid-1m", "--missing", "--out", join(scratch, "one")],
      environment,
    );
    expect(ended.code, ended.stderr).toBe(0);
    expect(shardHashes(folder)).toEqual(before.hashes);
    const after = tarIdentities(folder);
    const touched = Object.keys(after).filter((tar) => after[tar] !== before.tars[tar]);
    expect(touched).toEqual([`${shard}.tar`]);
    expect(existsSync(gone)).toBe(true);
    expect(leftovers(folder)).toEqual([]);
  });

  it("has nothing to do when all is there", async () => {
    const ended = await shardmill(
      ["retry", "openvid-1m", "--missing", "--out", join(scratch, "one")],
      environment,
    );
    expect(ended.stdout).toMatch(/Nothing to do/);
    expect(ended.code).toBe(0);
  });
});

describe("mistakes end in one clear line", () => {
  const oneLine = (stderr: string) =>
    stderr
      .trim()
      .split("\n")
      .filter((line) => !line.startsWith("listing"));

  it.each([
    [["build", "openvid-2m"], 2, /openvid-1m/],
    [["biuld", "openvid-1m"], 2, /build/],
    [["build", "openvid-1m", "--parts", "999"], 2, /no part 999/],
    [["build", "openvid-1m", "--parts", "x y"], 2, /no part x y/],
    [["build", "openvid-1m", "--set", "colour=red"], 2, /colour/],
    [["build", "openvid-1m", "--source", "/no/such/folder"], 2, /does not exist/],
    [["build", "openvid-1m", "--parts", "72", "--out", "/proc/here"], 3, /output/],
    [["status", "openvid-1m", "--out", "/no/such/folder"], 2, /no build/],
  ])("%j", async (args, code, message) => {
    const ended = await shardmill(args, environment);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).not.toMatch(/ at .*\.js:\d+/);
    expect(ended.code).toBe(code);
    expect(oneLine(ended.stderr).length).toBeLessThanOrEqual(3);
  });
});
