import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type EmbeddedRedis, startEmbeddedRedis } from "@shardmill/queue";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type S3StandIn,
  standInBucket,
  startS3StandIn,
} from "../../packages/store/testing/s3-stand-in/start-s3-stand-in.ts";
import { askRedis } from "../faults/ask-redis.ts";
import { MillHouse, type Status, type Verdict } from "../faults/mill-house.ts";
import { killHard } from "../faults/processes.ts";
import { shortWaits } from "../faults/short-waits.ts";
import { until } from "../faults/until.ts";
import { shardmill, startShardmill } from "../support/shardmill.ts";
import { bucketEnvironment } from "./bucket-environment.ts";

/** A whole build into a bucket, through the real command line. What it ends with is what a build into a folder has. */
const dataset = "openvid-1m";
const address = `s3://${standInBucket}/shards`;
let house: MillHouse;
let standIn: S3StandIn;

beforeAll(async () => {
  house = await MillHouse.open({ parts: [72], each: 6, samplesPerShard: 2, seconds: 4 });
  standIn = await startS3StandIn({ pageSize: 7 });
});
afterAll(async () => {
  await standIn[Symbol.asyncDispose]();
  await house.close();
});

function environment(): Record<string, string> {
  return bucketEnvironment(house, standIn, house.quick);
}

async function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const ended = await shardmill(args, environment());
  // Keys are in no line.
  expect(`${ended.stdout}${ended.stderr}`).not.toMatch(/stand-in-/);
  return ended;
}

async function startRedis(): Promise<EmbeddedRedis & AsyncDisposable> {
  const redis = await startEmbeddedRedis();
  return Object.assign(redis, { [Symbol.asyncDispose]: () => redis.close() });
}

function build(...more: string[]): ReturnType<typeof run> {
  const scratch = join(house.scratch, "scratch");
  return run(...house.buildArgs(address), "--scratch", scratch, ...more);
}

/** Of each object below the output, the names without what differs from build to build. */
function names(): string[] {
  return [...standIn.objects.all.keys()].map((key) => key.slice("shards/".length)).sort();
}

function tarHashes(): Record<string, string> {
  const tars = [...standIn.objects.all].filter(([key]) => key.endsWith(".tar"));
  return Object.fromEntries(
    tars.map(([key, { bytes }]) => [
      key.slice(key.lastIndexOf("/") + 1),
      createHash("sha256").update(bytes).digest("hex"),
    ]),
  );
}

describe("a build into a bucket", () => {
  it("has the bytes and the books of a build into a folder, and leaves no other object", async () => {
    const ended = await build();
    expect(ended.code, ended.stderr).toBe(1);
    expect(tarHashes()).toEqual(house.reference);
    const strange = names().filter((name) => /drafts\/|\.tmp|~|trial|\.now-/.test(name));
    expect(strange).toEqual([]);
    const verdict: Verdict = JSON.parse((await run("verify", `${address}/${dataset}`, "--json")).stdout);
    expect(verdict).toMatchObject({ ok: true, problems: [] });
    const status: Status = JSON.parse((await run("status", dataset, "--json", "--out", address)).stdout);
    expect(status.totals.members).toBe(house.members);
    expect(status.totals.packed + status.totals.failed + status.totals.skipped).toBe(house.members);
    const failures = await run("failures", dataset, "--out", address);
    expect(failures.stdout).toMatch(/noise\.mp4/);
    const kept = existsSync(join(house.scratch, "scratch"))
      ? await readdir(join(house.scratch, "scratch"), { recursive: true })
      : [];
    expect(kept.filter((name) => name.endsWith(".tar") || name.includes(".tmp"))).toEqual([]);
  });

  it("whose shards are gone or others is repaired, and asked for again makes nothing", async () => {
    const [first = "", second = ""] = [...standIn.objects.all.keys()].filter((key) => key.endsWith(".tar"));
    standIn.objects.all.delete(first);
    const there = standIn.objects.all.get(second);
    if (there === undefined) throw new Error("no second shard");
    standIn.objects.all.set(second, { ...there, bytes: Buffer.from("cut"), metadata: {} });
    const cured = await run("retry", dataset, "--corrupt", "--out", address);
    expect(cured.code, cured.stderr).toBe(1);
    expect(tarHashes()).toEqual(house.reference);
    const sent = standIn.requests.length;
    const again = await build();
    expect(again.code, again.stderr).toBe(1);
    const tars = standIn.requests
      .slice(sent)
      .filter(({ verb, key }) => verb === "PUT" && key.endsWith(".tar"));
    expect(tars).toEqual([]);
    const verdict: Verdict = JSON.parse((await run("verify", `${address}/${dataset}`, "--json")).stdout);
    expect(verdict).toMatchObject({ ok: true, problems: [] });
  });

  it("by three workers that share no folder, one killed and Redis emptied once, has the same bytes", async () => {
    const before = standIn;
    await using redis = await startRedis();
    await using fresh = await startS3StandIn();
    standIn = fresh;
    const shared = {
      ...environment(),
      ...shortWaits,
      ...{ REDIS_URL: redis.url, HF_ENDPOINT: house.slow.endpoint },
    };
    const start = (name: string, args: readonly string[]) =>
      startShardmill([...args, "--scratch", join(house.scratch, name)], shared);
    const worker = (name: string) =>
      start(name, ["worker", "--out", address, "--workers", "1", "--shards", "1"]);
    const others = [worker("second"), worker("third")];
    const build = start("first", house.buildArgs(address));
    const committed = () => [...fresh.objects.all.keys()].filter((key) => key.includes("/manifests/")).length;
    await until("a shard committed", () => committed() > 0);
    killHard(others[0]?.child.pid ?? 0);
    await until("another shard committed", () => committed() > 1);
    await askRedis(redis.url, "FLUSHALL");
    const ended = await build.ended;
    expect(ended.code, ended.stderr).toBe(1);
    others[1]?.child.kill("SIGTERM");
    await Promise.all(others.map((other) => other.ended));
    expect(tarHashes()).toEqual(house.reference);
    expect(names().filter((name) => /drafts\/|\.tmp|~|trial|\.now-/.test(name))).toEqual([]);
    const verdict: Verdict = JSON.parse((await run("verify", `${address}/${dataset}`, "--json")).stdout);
    expect(verdict).toMatchObject({ ok: true, problems: [] });
    standIn = before;
  });

  it("is refused where the store ignores conditions, and by commands that know no bucket", async () => {
    await using lax = await startS3StandIn({ conditions: "ignored" });
    await using old = await startS3StandIn({ conditions: "refused" });
    const strict = standIn;
    standIn = lax;
    const refused = await build();
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(/--single-writer/);
    expect([...lax.objects.all.keys()]).toEqual([]);
    // Whoever writes there alone is taken at his word.
    const alone = await build("--single-writer");
    expect(alone.code, alone.stderr).toBe(1);
    expect(tarHashes()).toEqual(house.reference);
    standIn = old;
    for (const more of [[], ["--single-writer"]]) {
      const never = await build(...more);
      expect([never.code, never.stderr.includes("--single-writer")]).toEqual([3, false]);
    }
    standIn = strict;
    const shown = await run("provenance", dataset, "--out", address);
    expect(shown).toMatchObject({ code: 2, stderr: expect.stringMatching(/does not work on a bucket yet/) });
  });
});
