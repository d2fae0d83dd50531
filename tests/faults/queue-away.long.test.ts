import { type EmbeddedRedis, startEmbeddedRedis } from "@shardmill/queue";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { frailWayTo } from "../../packages/queue/testing/frail-way.ts";
import { type Running, shardmill, startShardmill } from "../support/shardmill.ts";
import { askRedis } from "./ask-redis.ts";
import { MillHouse } from "./mill-house.ts";
import { killHard } from "./processes.ts";
import { shortWaits } from "./short-waits.ts";
import { until } from "./until.ts";

/** The queue is only the way of work: emptied, away or gone, the records carry the build. */
let house: MillHouse;
// Conditions are waited for, however busy the machine is; on a quiet one these take seconds.
let redis: EmbeddedRedis;
let environment: Record<string, string>;

beforeAll(async () => {
  house = await MillHouse.open({ parts: [72, 73], each: 6, samplesPerShard: 2, seconds: 3 });
  redis = await startEmbeddedRedis();
  environment = {
    REDIS_URL: redis.url,
    ...shortWaits,
  };
});

afterAll(async () => {
  await redis.close();
  await house.close();
});

describe("Redis", () => {
  it("flushed in mid-build: what has vanished is enqueued again", async () => {
    const out = house.newOut();
    const build = house.start(out, environment);
    await until("a shard committed", () => house.isInTheMiddle(out));
    expect(await askRedis(redis.url, "FLUSHALL")).toContain("+OK");
    const ended = await build.ended;
    expect(ended.code, ended.stderr).toBe(1);
    await house.finish(out, environment);
    await house.expectAsIfNothingHappened(out);
  });

  it("flushed between two builds: the second carries on from the manifests", async () => {
    const out = house.newOut();
    const build = house.start(out, environment);
    await until("a shard committed", () => house.isInTheMiddle(out));
    build.child.kill("SIGINT");
    expect((await build.ended).code).toBe(130);
    const committed = house.manifests(out);
    await askRedis(redis.url, "FLUSHALL");
    const requests = house.quick.log.length;
    await house.finish(out, environment);
    await house.expectAsIfNothingHappened(out);
    expect(house.manifests(out)).toEqual(expect.arrayContaining(committed));
    expect(house.quick.log.length).toBeGreaterThan(requests);
  });

  it("away for 30 s in mid-build: everybody waits, and goes on", async () => {
    const out = house.newOut();
    const build = house.start(out, environment);
    await until("a shard committed", () => house.isInTheMiddle(out));
    killHard(redis.pid, "SIGSTOP");
    const whileAway = house.manifests(out).length;
    // The accident itself, and many times as long as a lock lives.
    await new Promise((resolve) => setTimeout(resolve, 30_000));
    expect(build.child.exitCode, build.stderr()).toBeNull();
    killHard(redis.pid, "SIGCONT");
    const ended = await build.ended;
    expect(ended.code, ended.stderr).toBe(1);
    expect(whileAway).toBeLessThan(house.shards);
    await house.finish(out, environment);
    await house.expectAsIfNothingHappened(out);
  });

  it("full, or without our rights, in mid-build: it is said, everybody waits, and all goes on", async () => {
    const out = house.newOut();
    const build = house.start(out, environment);
    await until("a shard committed", () => house.isInTheMiddle(out));
    for (const [limit, word] of [
      ["maxmemory", /is full \(OOM\).*the build waits, and goes on by itself/],
      ["min-replicas-to-write", /\(NOREPLICAS\).*the build waits, and goes on by itself/],
    ] as const) {
      expect(await askRedis(redis.url, "CONFIG", "SET", limit, "1")).toMatch(/\+OK/);
      await until(
        () => `it is said: ${build.stderr()}`,
        () => word.test(build.stderr()),
      );
      // As long as several locks live.
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      expect(build.child.exitCode, build.stderr()).toBeNull();
      expect(await askRedis(redis.url, "CONFIG", "SET", limit, "0")).toMatch(/\+OK/);
      await until(
        () => `it is said: ${build.stderr()}`,
        () => build.stderr().split("Redis serves again").length > (limit === "maxmemory" ? 1 : 2),
      );
    }
    const ended = await build.ended;
    expect(ended.code, ended.stderr).toBe(1);
    expect(ended.stderr).not.toContain("the worker was lost");
    await house.expectAsIfNothingHappened(out);
  });

  it("full at the start, and what is no Redis: one line and exit 3, and nothing was begun", async () => {
    await askRedis(redis.url, "CONFIG", "SET", "maxmemory", "1");
    const environments = [environment, { REDIS_URL: house.quick.endpoint.replace("http", "redis") }];
    for (const [at, word] of [/is full \(OOM\)/, /is no Redis/].entries()) {
      const out = house.newOut();
      const ended = await shardmill(house.buildArgs(out), {
        HF_ENDPOINT: house.quick.endpoint,
        ...environments[at],
      });
      expect(ended.code, ended.stderr).toBe(3);
      expect(ended.stderr.trim().split("\n").at(-1)).toMatch(word);
      expect(ended.stderr).toMatch(/queue_unfit/);
      expect(ended.stderr).not.toMatch(/bug|^ +at /m);
      expect(house.manifests(out)).toEqual([]);
    }
    await askRedis(redis.url, "CONFIG", "SET", "maxmemory", "0");
  });

  it("away when a person asks to stop: the build still ends in time", async () => {
    const out = house.newOut();
    const build = house.start(out, environment);
    await until("a shard committed", () => house.isInTheMiddle(out));
    killHard(redis.pid, "SIGSTOP");
    const askedAt = performance.now();
    build.child.kill("SIGINT");
    const ended = await build.ended;
    killHard(redis.pid, "SIGCONT");
    expect(ended.code, ended.stderr).toBe(130);
    expect(performance.now() - askedAt).toBeLessThan(20_000);
    await house.finish(out, environment);
    await house.expectAsIfNothingHappened(out);
  });

  it("away when a worker is told to stop: it is gone in time, and says by its exit code what ended it", async () => {
    const worker = startShardmill(["worker", "--out", house.newOut(), "--workers", "1"], environment);
    let log = "";
    worker.child.stdout?.on("data", (chunk: Buffer) => {
      log += chunk.toString();
    });
    await until("a worker", () => log.includes("worker started"));
    killHard(redis.pid, "SIGSTOP");
    const askedAt = performance.now();
    worker.child.kill("SIGTERM");
    const ended = await worker.ended;
    killHard(redis.pid, "SIGCONT");
    expect(ended.code, ended.stderr).toBe(143);
    expect(performance.now() - askedAt).toBeLessThan(15_000);
  });

  it("away while a worker starts: told to stop, or left by its owner, it is gone in time", async () => {
    const way = await frailWayTo(redis.url);
    const left = { args: ["--owned"], code: 0, end: (worker: Running) => worker.child.stdin?.end() };
    const told = { args: [], code: 143, end: (worker: Running) => worker.child.kill("SIGTERM") };
    for (const { args, code, end } of [left, told]) {
      // The look at the server, and nothing after it.
      way.answers = 1;
      await until("the one before is gone", () => way.held === 0);
      const asked = ["worker", "--out", house.newOut(), "--workers", "1", ...args];
      const worker = startShardmill(asked, { ...environment, REDIS_URL: way.url }, "pipe");
      await until("it waits for an answer", () => way.held > 0);
      const askedAt = performance.now();
      end(worker);
      const ended = await worker.ended;
      expect(ended.code, ended.stderr).toBe(code);
      expect(performance.now() - askedAt).toBeLessThan(15_000);
    }
    await way.close();
  });

  it("not there at all: one line, and nothing was begun", async () => {
    const out = house.newOut();
    const ended = await shardmill(["build", "openvid-1m", "--parts", "72", "--out", out], {
      HF_ENDPOINT: house.quick.endpoint,
      REDIS_URL: "redis://127.0.0.1:9",
    });
    expect(ended.code).toBe(3);
    expect(ended.stderr.trim().split("\n").at(-1)).toMatch(/queue_unreachable.*REDIS_URL/);
    expect(house.manifests(out)).toEqual([]);
  });
});
