import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type EmbeddedRedis, startEmbeddedRedis } from "@shardmill/queue";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Running, shardmill, startShardmill } from "../support/shardmill.ts";
import { MillHouse } from "./mill-house.ts";
import { killHard } from "./processes.ts";
import { shortWaits } from "./short-waits.ts";
import { until } from "./until.ts";

/** Machines that mount one folder in different places, on one Redis. Nobody owns the build: it is enqueued and left. */
let house: MillHouse;
let redis: EmbeddedRedis;
let environment: Record<string, string>;

beforeAll(async () => {
  house = await MillHouse.open({ parts: [72, 73], each: 59, samplesPerShard: 2, seconds: 8 });
  redis = await startEmbeddedRedis();
  environment = {
    HF_ENDPOINT: house.slow.endpoint,
    REDIS_URL: redis.url,
    ...shortWaits,
  };
});

afterAll(async () => {
  await redis.close();
  await house.close();
});

/** `NAME/out` of a machine of its own, which leads to the shared folder. */
function rootOf(shared: string, name: string): string {
  const machine = join(house.scratch, `${name}-${shared.slice(shared.lastIndexOf("-") + 1)}`);
  mkdirSync(machine, { recursive: true });
  symlinkSync(shared, join(machine, "out"));
  return join(machine, "out");
}

const startWorker = (root: string): Running =>
  startShardmill(["worker", "--out", root, "--workers", "1", "--shards", "1"], environment);

const makersOf = (out: string): string[] =>
  house.makers(out).map((maker) => maker.slice(maker.lastIndexOf("/") + 1));

async function enqueue(out: string, shared: string): Promise<void> {
  const ended = await shardmill([...house.buildArgs(out), "--detach"], environment);
  expect(ended.code, ended.stderr).toBe(0);
  expect(house.manifests(shared)).toEqual([]);
}

describe("three workers with roots of their own and one shared folder", () => {
  it("share a build of 60 shards, lose one of them, and make what one process makes", async () => {
    expect(house.shards).toBe(60);
    const shared = house.newOut();
    mkdirSync(shared);
    const roots = ["a", "b", "c"].map((name) => rootOf(shared, name));
    await enqueue(roots[0]!, shared);
    const workers = roots.map(startWorker);
    const pids = workers.map(({ child }) => String(child.pid));
    await until("each has committed a shard", () => new Set(makersOf(shared)).size === 3, 120_000);
    expect(house.manifests(shared).length).toBeLessThan(60);
    killHard(workers[2]!.child.pid!, "SIGKILL");
    await until(
      "the parts have ended",
      async () => {
        const { parts } = await house.status(shared);
        return parts.every(({ state, members }) => members === null || state === "done") &&
          house.manifests(shared).length === 60
          ? true
          : null;
      },
      180_000,
    );
    expect(house.hashesIn(house.folder(shared))).toEqual(house.reference);
    const shares = pids.map((pid) => makersOf(shared).filter((maker) => maker === pid).length);
    expect(shares.reduce((sum, one) => sum + one, 0)).toBe(60);
    for (const share of shares) expect(share).toBeGreaterThan(0);
    console.log(`shards of the three workers, the last of which was killed: ${shares.join(", ")}`);
    for (const { child } of workers.slice(0, 2)) child.kill("SIGTERM");
    for (const { ended } of workers.slice(0, 2)) expect((await ended).code).toBe(143);
    // What the killed one left behind goes with the next build, which has nothing else to do.
    await house.finish(shared, { REDIS_URL: redis.url });
    await house.expectAsIfNothingHappened(shared);
  });
});

describe("a worker with other versions than the build", () => {
  it("says so when it starts, and status says it in one line; it makes nothing", async () => {
    const shared = house.newOut();
    mkdirSync(shared);
    await enqueue(shared, shared);
    const record = join(house.folder(shared), ".shardmill/build.json");
    const build = JSON.parse(readFileSync(record, "utf8")) as { toolchain: { sharp: string } };
    const { sharp } = build.toolchain;
    writeFileSync(record, JSON.stringify({ ...build, toolchain: { ...build.toolchain, sharp: "0.1.0" } }));
    const worker = startWorker(rootOf(shared, "other"));
    let said = "";
    worker.child.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    const line = `: sharp ${sharp}, the build has 0.1.0) is connected and takes no job of this build.`;
    await until("its log says so", () =>
      said.includes("this worker has other versions than the build and takes no job of it"),
    );
    await until("status says so", async () => {
      const { stdout } = await shardmill(["status", "openvid-1m", "--out", shared], environment);
      return stdout
        .split("\n")
        .some((one) => one.startsWith("A worker with other versions") && one.endsWith(line));
    });
    expect(house.manifests(shared)).toEqual([]);
    worker.child.kill("SIGTERM");
    await worker.ended;
    expect((await shardmill(["cancel", "openvid-1m", "--out", shared], environment)).code).toBe(0);
  });
});
