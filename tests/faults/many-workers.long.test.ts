import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type EmbeddedRedis, startEmbeddedRedis } from "@shardmill/queue";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shardmill, startShardmill } from "../support/shardmill.ts";
import { MillHouse } from "./mill-house.ts";
import { killHard } from "./processes.ts";
import { shortWaits } from "./short-waits.ts";
import { until } from "./until.ts";

/** Several processes at one build. */
let house: MillHouse;
// Conditions are waited for, however busy the machine is; on a quiet one these take seconds.
let redis: EmbeddedRedis;
let environment: Record<string, string>;

beforeAll(async () => {
  house = await MillHouse.open({ parts: [72, 73], each: 8, samplesPerShard: 2, seconds: 4 });
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

const startWorker = (out: string) =>
  startShardmill(["worker", "--out", out, "--workers", "1", "--shards", "1"], environment);

/** Which processes the manifests name. */
const makers = (out: string) => new Set(house.makers(out));

/** A tar that this process is writing. */
function isWriting(out: string, pid: number): boolean {
  return readdirSync(house.folder(out)).some((name) => name.endsWith(".tmp") && name.includes(`~${pid}~`));
}

describe("a second worker process on the same Redis", () => {
  it("commits some of the shards, and the bytes are the same", async () => {
    const out = house.newOut();
    const worker = startWorker(out);
    const build = house.start(out, environment);
    const ended = await build.ended;
    expect(ended.code, ended.stderr).toBe(1);
    worker.child.kill("SIGTERM");
    expect((await worker.ended).code).toBe(143);
    expect([...makers(out)].some((maker) => maker.endsWith(`/${worker.child.pid}`))).toBe(true);
    expect(makers(out).size).toBe(2);
    await house.expectAsIfNothingHappened(out);
  });

  it("frozen past its lock and woken when its twin has finished changes nothing", async () => {
    const out = house.newOut();
    const worker = startWorker(out);
    const pid = worker.child.pid!;
    const build = house.start(out, environment);
    await until("the second worker writes a shard", () => {
      if (build.child.exitCode !== null) throw new Error(`it ended too soon: ${build.stderr()}`);
      return house.manifests(out).length < house.shards && isThere(out) && isWriting(out, pid);
    });
    killHard(pid, "SIGSTOP");
    const ended = await build.ended;
    killHard(pid, "SIGCONT");
    expect(ended.code, ended.stderr).toBe(1);
    await until("the woken worker has let go of its shard", () => !isWriting(out, pid));
    worker.child.kill("SIGTERM");
    await worker.ended;
    await house.expectAsIfNothingHappened(out);
  });
});

function isThere(out: string): boolean {
  return house.manifests(out).length > 0;
}

describe("two builds into one folder", () => {
  it("the second is refused in one line, and changes nothing of the first", async () => {
    const out = house.newOut();
    // So slow that it is still running when the other has come so far, on any machine.
    const first = house.start(out, {}, ["--max-bandwidth", "20000"]);
    await until("a shard committed", () => house.isInTheMiddle(out));
    const record = readFileSync(join(house.folder(out), ".shardmill/build.json"), "utf8");
    const second = await shardmill(
      ["build", "openvid-1m", "--parts", "73", "--out", out, "--set", "samplesPerShard=2"],
      {
        HF_ENDPOINT: house.quick.endpoint,
      },
    );
    expect(second.code).toBe(3);
    expect(second.stderr.trim().split("\n").at(-1)).toMatch(/is being built into this folder.*build_locked/);
    expect(readFileSync(join(house.folder(out), ".shardmill/build.json"), "utf8")).toBe(record);
    expect(first.child.exitCode).toBeNull();
    first.child.kill("SIGINT");
    expect((await first.ended).code).toBe(130);
    await house.finish(out);
    await house.expectAsIfNothingHappened(out);
  });
});
