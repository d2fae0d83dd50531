import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedRedis } from "@shardmill/queue";
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeClips } from "../support/make-clips.ts";
import { membersOf, openvidFiles, writeFiles } from "../support/openvid-mirror.ts";
import { shardmill, shardmillJson, startShardmill } from "../support/shardmill.ts";

const scratch = mkdtempSync(join(tmpdir(), "shardmill-commands-"));
const out = join(scratch, "out");
const shard = join(out, "openvid-1m/openvid-1m-p0072-0000.tar");
let source = "";

beforeAll(async () => {
  const clips = await makeClips(4);
  const truncated = { name: "x/broken.mp4", bytes: (clips[2] ?? Buffer.alloc(0)).subarray(0, 900) };
  const parts = [
    { part: 72, members: [...membersOf(72, clips, 6), truncated] },
    { part: 73, members: membersOf(73, clips, 4) },
  ];
  source = await writeFiles(join(scratch, "mirror"), await openvidFiles(parts));
  const built = await shardmill(["build", "openvid-1m", "--parts", "72", "--source", source, "--out", out]);
  expect(built.code, built.stderr).toBe(1);
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("inspect", () => {
  it("lists the samples of a shard", async () => {
    const { stdout } = await shardmill(["inspect", shard]);
    expect(stdout).toMatch(
      /^sample +frames +length +size +text\nopenvid-p0072-000000 +1 +0\.3 s +\S+ k?B +A clip named/,
    );
    expect(stdout).toMatch(/6 samples, \d+ frames/);
  });

  it("shows a sample's metadata, and draws its frames with their times", async () => {
    const png = join(scratch, "frames.png");
    const { stdout, stderr } = await shardmill(["inspect", shard, "openvid-p0072-000003", "--sheet", png]);
    expect(stdout).toMatch(
      /openvid-p0072-000003\n[\s\S]*caption +A clip named[\s\S]*5 members \(3 frames\)|frame_count/,
    );
    expect(stderr).toMatch(/frames\.png: \d frames, \d+x\d+/);
    expect(readFileSync(png).subarray(1, 4).toString()).toBe("PNG");
  });

  it("draws one frame of each sample, and names the nearest key for one that is not there", async () => {
    const png = join(scratch, "shard.png");
    const { stderr } = await shardmill(["inspect", shard, "--sheet", png, "--json"]);
    expect(stderr).toMatch(/one frame of each of 6 samples/);
    const wrong = await shardmill(["inspect", shard, "openvid-p0072-00003"]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(/did you mean openvid-p0072-00000\d\?/);
  });
});

describe("export ledger", () => {
  const exported = (...more: string[]) =>
    shardmill(["export", "ledger", "openvid-1m", "--out", out, ...more]);

  it("gives the same rows as JSON lines, CSV and parquet", async () => {
    const { stdout } = await exported();
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.length).toBe(7);
    expect(lines.filter(({ outcome }) => outcome === "packed").length).toBe(6);
    expect(lines.find(({ outcome }) => outcome === "failed")).toMatchObject({
      part: "p0072",
      member: "x/broken.mp4",
      key: null,
    });

    const csv = join(scratch, "ledger.csv");
    await exported("--format", "csv", "--file", csv);
    expect(readFileSync(csv, "utf8").trim().split("\n").length).toBe(8);

    const parquet = join(scratch, "ledger.parquet");
    const ended = await exported("--format", "parquet", "--file", parquet);
    expect(ended.stderr).toMatch(/7 members/);
    const bytes = readFileSync(parquet);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    const rows = await parquetReadObjects({ file, compressors });
    const plain = rows.map((row) => ({
      ...row,
      position: Number(row.position),
      attempt: Number(row.attempt),
      frames: row.frames === null ? null : Number(row.frames),
    }));
    const columns = "dataset part position member group outcome key code detail attempt frames".split(" ");
    expect(plain).toEqual(
      lines.map((line) => Object.fromEntries(columns.map((column) => [column, line[column]]))),
    );
  });

  it("refuses parquet without a file", async () => {
    const ended = await exported("--format", "parquet");
    expect([ended.code, ended.stderr]).toEqual([2, "shardmill: parquet needs --file\n"]);
  });
});

describe("adopt", () => {
  it("marks parts built elsewhere, which status shows and retry and build leave alone", async () => {
    const elsewhere = join(scratch, "adopted");
    const progress = join(scratch, "progress.json");
    writeFileSync(progress, '{"parts": {"72": "done", "73": "failed"}}');
    const adopted = await shardmill([
      "adopt",
      "openvid-1m",
      "--progress",
      progress,
      "--source",
      source,
      "--out",
      elsewhere,
    ]);
    expect(adopted.code, adopted.stderr).toBe(0);
    expect(adopted.stderr).toMatch(/names 1 part as done: 72; 1 not done/);
    const status = await shardmill(["status", "openvid-1m", "--out", elsewhere]);
    expect(status.stdout).toMatch(/p0072 +done\*[\s\S]*\* built elsewhere and adopted: unverified/);
    const { items } = await shardmillJson<{ items: { label: string }[] }>([
      "retry",
      "openvid-1m",
      "--missing",
      "--dry-run",
      "--out",
      elsewhere,
    ]);
    expect(items.map(({ label }) => label)).toEqual(["p0073"]);
    const built = await shardmill(["build", "openvid-1m", "--source", source, "--out", elsewhere]);
    expect(built.code, built.stderr).toBe(0);
    expect(built.stderr).toMatch(/1 part adopted elsewhere and left alone/);
    expect(built.stdout).toMatch(/p0072 +done\*[\s\S]*p0073 +done /);
    const late = await shardmill(["adopt", "openvid-1m", "--parts", "73", "--out", elsewhere]);
    expect(late.stderr).toMatch(/left alone: p0073, it was begun in this folder/);
  });
});

describe("a plan of an output of its own name", () => {
  it("is of that name and of the dataset's parts; the name of another dataset is refused, as build does", async () => {
    const plan = ["plan", "openvid-1m", "--source", source, "--parts", "72", "--as"];
    expect(await shardmillJson([...plan, "of-mine", "--json"])).toMatchObject({
      dataset: "of-mine",
      parts: [{ part: "p0072", state: "present" }],
    });
    const taken = await shardmill([...plan, "the-cauldron"]);
    expect([taken.code, taken.stdout]).toEqual([2, ""]);
    expect(taken.stderr).toContain("the name of another dataset");
  });
});

describe("parts by name", () => {
  const list = (...args: string[]) => shardmill([...args, "--out", out]);

  it.each(["p0072", "0-72"])("%s names the part in every command", async (name) => {
    const plan = ["plan", "openvid-1m", "--source", source, "--json", "--parts", name];
    const planned = await shardmillJson<{ parts: { part: string; state: string }[] }>(plan);
    expect(planned.parts.filter(({ state }) => state === "present").map(({ part }) => part)).toEqual([
      "p0072",
    ]);
    const failed = await list("failures", "openvid-1m", "--part", name, "--json");
    expect(JSON.parse(failed.stdout)).toMatchObject({
      failures: [{ part: "p0072", member: "x/broken.mp4" }],
    });
    const exported = await list("export", "ledger", "openvid-1m", "--part", name);
    expect(exported.stdout.trimEnd().split("\n")).toHaveLength(7);
    const retried = await list("retry", "openvid-1m", "--parts", name, "--dry-run");
    expect([retried.code, retried.stdout]).toEqual([
      0,
      "Nothing to do: everything this asks for is there.\n",
    ]);
  });

  it.each([
    ["failures", "--part", "p0200"],
    ["failures", "--part", "72,200-999"],
    ["retry", "--parts", "p0200"],
    ["retry", "--missing", "--parts", "ai2d:0"],
    ["export ledger", "--part", "200"],
    ["adopt", "--parts", "200"],
    ["build", "--parts", "72,200"],
    ["build", "--subsets", "ai2d"],
    ["plan", "--parts", "p0200"],
  ])(
    "%s %s %s: what does not exist is exit 2 and one line that says what does",
    async (command, ...options) => {
      const place = command === "plan" ? ["--source", source] : ["--out", out];
      const from = command === "build" ? ["--source", source] : [];
      const ended = await shardmill([...command.split(" "), "openvid-1m", ...options, ...place, ...from]);
      expect(ended.code).toBe(2);
      expect(ended.stdout).toBe("");
      expect(ended.stderr).toMatch(
        /shardmill: openvid-1m has no part \S+; it has 186 parts, from p0000 to p0185\n$/,
      );
    },
  );

  it("--missing takes what builds here have asked for, and --all the rest of the dataset", async () => {
    const labels = async (...more: string[]): Promise<string[]> => {
      const args = ["retry", "openvid-1m", "--missing", "--dry-run", "--json", "--out", out, ...more];
      return (await shardmillJson<{ items: { label: string }[] }>(args)).items.map(({ label }) => label);
    };
    expect(await labels()).toEqual([]);
    expect(await labels("--all")).toEqual(["p0073"]);
    expect(await labels("--parts", "p0073")).toEqual(["p0073"]);
    const told = await list("retry", "openvid-1m", "--missing");
    expect(told.stdout).toMatch(
      /Nothing to do[\s\S]*1 part that no build here has asked for: --missing --all/,
    );
    const status = await list("status", "openvid-1m");
    expect(status.stdout).toMatch(/and 1 part missing: at the source, and never asked for/);
    expect((await list("retry", "openvid-1m", "--failed", "--all")).stderr).toMatch(
      /--all goes with --missing/,
    );
  });
});

describe("build --detach", () => {
  it("takes no address without a host", async () => {
    for (const REDIS_URL of ["redis://", "redis:///0"]) {
      const ended = await shardmill(["build", "openvid-1m", "--detach", "--out", out], { REDIS_URL });
      expect([ended.code, ended.stderr]).toEqual([2, "shardmill: REDIS_URL: expected redis://host:port\n"]);
    }
  });

  it("needs REDIS_URL and says so", async () => {
    const ended = await shardmill(["build", "openvid-1m", "--detach", "--out", out]);
    expect([ended.code, ended.stderr]).toEqual([
      2,
      "shardmill: --detach needs REDIS_URL: a private queue would end with this command\n",
    ]);
  });

  it("enqueues and leaves; workers elsewhere make it, and status --watch ends with it", async () => {
    const redis = await startEmbeddedRedis();
    const environment = { REDIS_URL: redis.url };
    const there = join(scratch, "detached");
    const detached = await shardmill(
      ["build", "openvid-1m", "--parts", "73", "--source", source, "--out", there, "--detach"],
      environment,
    );
    expect(detached.code, detached.stderr).toBe(0);
    expect(detached.stdout).toMatch(
      /enqueued 1 part of[\s\S]*no worker is connected[\s\S]*shardmill status openvid-1m --watch/,
    );
    expect(detached.stdout).not.toContain(new URL(redis.url).password);
    const queued = await shardmill(["status", "openvid-1m", "--out", there], environment);
    expect(queued.stdout).toMatch(/p0073 +queued/);
    const watch = startShardmill(["status", "openvid-1m", "--watch", "--out", there], environment);
    const worker = startShardmill(["worker", "--out", there, "--workers", "1"], environment);
    const watched = await watch.ended;
    expect(watched.stdout, watched.stderr).toMatch(/p0073 +done/);
    worker.child.kill("SIGTERM");
    expect((await worker.ended).code, worker.stderr()).toBe(143);
    await redis.close();
  });
});

describe("pause, resume and cancel", () => {
  it.each(["pause", "resume", "cancel"])("%s of a build that does not run says so", async (verb) => {
    const ended = await shardmill([verb, "openvid-1m", "--out", out]);
    expect([ended.code, ended.stderr]).toEqual([
      2,
      `shardmill: no build of openvid-1m is running in ${out}\n`,
    ]);
  });
});

describe("provenance", () => {
  it("says where the media of a dataset's records are", async () => {
    const { rows } = await shardmillJson<{ rows: { records: number; places: Record<string, number> }[] }>([
      "provenance",
      "openvid-1m",
      "--out",
      out,
    ]);
    // Of 12 records part 72 holds 7 clips; part 73 has not been read yet.
    expect(rows.map(({ records, places }) => [records, places.hosted, places.expected])).toEqual([
      [12, 7, 5],
    ]);
  });
});
