import { mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { connectQueue, type EmbeddedRedis, startEmbeddedRedis } from "@shardmill/queue";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startShardmill } from "../support/shardmill.ts";
import { MillHouse } from "./mill-house.ts";
import { shortWaits } from "./short-waits.ts";
import { until } from "./until.ts";

/** A worker whose mount is missing, and an output that goes away under everybody's hands. */
let house: MillHouse;
let redis: EmbeddedRedis;
let environment: Record<string, string>;

beforeAll(async () => {
  house = await MillHouse.open({ parts: [72, 73], each: 8, samplesPerShard: 2, seconds: 3 });
  redis = await startEmbeddedRedis();
  environment = {
    HF_ENDPOINT: house.slow.endpoint,
    REDIS_URL: redis.url,
    SHARDMILL_FULL_DISK_MS: "200",
    ...shortWaits,
  };
});

afterAll(async () => {
  await redis.close();
  await house.close();
});

it("a worker with an empty folder takes no job, is told of, and harms nobody", async () => {
  const out = house.newOut();
  const empty = join(house.scratch, "empty");
  mkdirSync(empty);
  const stranger = startShardmill(["worker", "--out", empty, "--workers", "2"], environment);
  const queue = await connectQueue({ url: redis.url });
  await until("the stranger takes work", async () => (await queue.workers()).length === 2);
  const build = house.start(out, environment);
  await until("it is told of", () => {
    if (build.child.exitCode !== null) throw new Error(`it ended: ${build.stderr()}`);
    return /does not see the build's output .*its --out has no build of openvid-1m/.test(build.stderr());
  });
  const ended = await build.ended;
  expect(ended.code, ended.stderr).toBe(1);
  stranger.child.kill("SIGTERM");
  await stranger.ended;
  await queue.close();
  expect(readdirSync(empty)).toEqual([]);
  await house.expectAsIfNothingHappened(out);
});

it("an output that is away, with an empty folder in its place, is waited for", async () => {
  const out = house.newOut();
  const build = house.start(out, environment);
  await until("a shard is committed", () => house.manifests(out).length > 0);
  renameSync(out, `${out}.away`);
  mkdirSync(out);
  // More often than a job has attempts.
  await until("every job waits, again and again", () => {
    if (build.child.exitCode !== null) throw new Error(`it ended: ${build.stderr()}`);
    const said = build.stderr();
    const waits = said.match(/waits: the output is away \(output_away\)/g) ?? [];
    return waits.length > 20 && /the output is away: the build waits for it/.test(said);
  });
  expect(readdirSync(out)).toEqual([]);
  renameSync(`${out}.away`, out);
  const ended = await build.ended;
  expect(ended.stderr).toMatch(/the output is there again: the build goes on/);
  expect(ended.stderr).not.toMatch(/will be tried again/);
  expect(ended.code, ended.stderr).toBe(1);
  // What could not be taken away meanwhile is swept by the next build.
  await house.finish(out);
  await house.expectAsIfNothingHappened(out);
});
