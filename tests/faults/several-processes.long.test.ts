import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { connectQueue, type EmbeddedRedis, type MillQueue, startEmbeddedRedis } from "@shardmill/queue";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shardmill, startShardmill } from "../support/shardmill.ts";
import { MillHouse } from "./mill-house.ts";
import { descendants, isAlive, killHard, processesOf } from "./processes.ts";
import { shortWaits } from "./short-waits.ts";
import { until } from "./until.ts";

/** A worker that decodes more than one process feeds is several of them, and works, rests and ends as one. */
let house: MillHouse;
let redis: EmbeddedRedis;
let queue: MillQueue;
let environment: Record<string, string>;

beforeAll(async () => {
  house = await MillHouse.open({ parts: [72, 73], each: 8, samplesPerShard: 2, seconds: 10 });
  redis = await startEmbeddedRedis();
  queue = await connectQueue({ url: redis.url });
  environment = { HF_ENDPOINT: house.slow.endpoint, REDIS_URL: redis.url, ...shortWaits };
});
afterAll(async () => {
  await queue.close();
  await redis.close();
  await house.close();
});

const capacity = ["--workers", "2", "--per-process", "1", "--shards", "2"];
const startWorker = (out: string, more: readonly string[] = []) =>
  startShardmill(["worker", "--out", out, ...capacity, ...more], environment);

async function detach(out: string): Promise<void> {
  const ended = await shardmill([...house.buildArgs(out), "--detach"], environment);
  expect(ended.code, ended.stderr).toBe(0);
}

/** On the same Redis, where else its jobs would wait for the workers of the next test. */
const finish = (out: string) => house.finish(out, { REDIS_URL: redis.url, ...shortWaits });

/** The worker of that process, as the queue tells it, once it is all there and has this many shards in hand. */
function atWork(pid: number, shards: number) {
  return until("both processes are at work", async () => {
    const mills = (await queue.workers()).filter(({ role }) => role === "mill");
    // Of a worker that has just been killed some beats may be left.
    return mills.find((one) => one.pid === pid && one.alive === 2 && one.current.length >= shards);
  });
}

interface LogLine {
  readonly worker: string;
  readonly msg: string;
}

function linesOf(text: string): LogLine[] {
  const lines = text.split("\n").filter((line) => line.startsWith("{") && line.endsWith("}"));
  return lines.map((line) => JSON.parse(line) as LogLine);
}

const started = (log: string) =>
  new Set(linesOf(log).flatMap(({ msg, worker }) => (msg === "worker started" ? [worker] : [])));

describe("a build with more workers than one process feeds", () => {
  it("starts another, replaces it when it is lost and says so, and makes the same bytes", async () => {
    const out = house.newOut();
    const build = house.start(out, shortWaits, ["--per-process", "1"]);
    const file = join(house.folder(out), ".shardmill/logs/worker.log");
    const log = () => (existsSync(file) ? readFileSync(file, "utf8") : "");
    const [, further] = await until("two processes at work, each under its name in the log", () => {
      const found = processesOf(build.child.pid!, "worker");
      return found.length === 2 && started(log()).size === 2 ? found : null;
    });
    expect(further?.command).toMatch(/--role mill --part-of \S+\/mill --workers 1 --memory 256000000 /);
    expect(killHard(further!.pid)).toBe(true);
    const ended = await build.ended;
    expect(ended.code, ended.stderr).toBe(1);
    expect(ended.stderr).toMatch(
      /a further process of the worker was lost \(SIGKILL\); another one takes over/,
    );
    await house.finish(out);
    await house.expectAsIfNothingHappened(out);
  });
});

describe("a worker of two processes", () => {
  it("is one for whoever looks; rests as one; on SIGTERM both hand back what they have, and it ends with 143", async () => {
    const out = house.newOut();
    await detach(out);
    const worker = startWorker(out);
    const told = await atWork(worker.child.pid!, 2);
    expect(told).toMatchObject({ processes: 2, alive: 2, partOf: null });
    await queue.setRest(told.worker, true);
    await until("both rest", async () => {
      const mill = (await queue.workers()).find(({ worker }) => worker === told.worker);
      return mill?.rests === true && mill.current.length === 0;
    });
    const before = house.manifests(out).length;
    await queue.setRest(told.worker, false);
    await until("they are at work again", () => house.manifests(out).length > before);
    const family = descendants(worker.child.pid!);
    worker.child.kill("SIGTERM");
    const ended = await worker.ended;
    expect(ended.code).toBe(143);
    expect(family.filter(({ pid }) => isAlive(pid))).toEqual([]);
    const lines = linesOf(ended.stdout);
    const of = (msg: string) => new Set(lines.filter((line) => line.msg === msg).map((line) => line.worker));
    expect(of("worker told to take no new job, or to take them again").size).toBe(2);
    expect(of("worker stops").size).toBe(2);
    await finish(out);
  });

  it("killed with -9 leaves none behind", async () => {
    const worker = startWorker(house.newOut());
    await atWork(worker.child.pid!, 0);
    const family = descendants(worker.child.pid!);
    expect(family.length).toBeGreaterThan(0);
    killHard(worker.child.pid!);
    await until("no orphan", () => family.every(({ pid }) => !isAlive(pid)), 30_000);
  });

  it("drains as one: what either had in hand is committed when it ends", async () => {
    const out = house.newOut();
    await detach(out);
    const worker = startWorker(out, ["--drain"]);
    const { current } = await atWork(worker.child.pid!, 2);
    const family = descendants(worker.child.pid!);
    worker.child.kill("SIGTERM");
    expect((await worker.ended).code).toBe(143);
    expect(family.filter(({ pid }) => isAlive(pid))).toEqual([]);
    const committed = house.manifests(out);
    expect(committed).toEqual(
      expect.arrayContaining(current.map(({ label, range }) => `openvid-1m-${label}-${range}.json`)),
    );
    expect(committed.length).toBeLessThan(house.shards);
    await finish(out);
    await house.expectAsIfNothingHappened(out);
  });
});
