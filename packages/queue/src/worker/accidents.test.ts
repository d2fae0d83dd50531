import { Failure } from "@shardmill/core";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { frailWayTo } from "../../testing/frail-way.ts";
import { aborted, newPrefix, queueOn, quick, request, type TestQueue } from "../../testing/queue-on.ts";
import { redisKinds, startKind } from "../../testing/redis-kinds.ts";
import { until } from "../../testing/until.ts";
import { startWorkerChild, type WorkerChild } from "../../testing/worker-child.ts";
import type { EmbeddedRedis } from "../redis/start-embedded-redis.ts";

describe.each(redisKinds)("accidents on %s", (kind) => {
  let redis: EmbeddedRedis;
  let test: TestQueue | null = null;
  const children: WorkerChild[] = [];
  beforeAll(async () => {
    redis = await startKind(kind);
  });
  afterEach(async () => {
    await test?.close();
    test = null;
    for (const child of children.splice(0)) {
      child.kill("SIGKILL");
      await child.ended;
    }
  });
  afterAll(() => redis.close());

  async function childOn(prefix: string, behaviour: "hold" | "work"): Promise<WorkerChild> {
    const child = await startWorkerChild(redis.url, { ...quick, prefix }, behaviour);
    children.push(child);
    return child;
  }

  it("a killed worker's job is taken again, as the same attempt", async () => {
    const prefix = newPrefix();
    test = await queueOn(redis.url, { shards: 1, settings: { prefix } });
    const child = await childOn(prefix, "hold");
    await test.queue.enqueueBuild(request(1));
    await until("the child has the shard", () => child.told.includes("started 0000 1"));
    child.kill("SIGKILL");
    await child.ended;
    const attempts: number[] = [];
    await test.mill(async (_, { attempt }) => {
      attempts.push(attempt);
      return null;
    });
    await test.sealed;
    expect(attempts).toEqual([1]);
  });

  it("a worker whose own connection breaks while it starts is none the worse for it", async () => {
    const way = await frailWayTo(redis.url);
    test = await queueOn(way.url, { shards: 3 });
    way.breaks = 2;
    await test.mill(async () => null);
    expect(way.breaks).toBe(0);
    await test.queue.enqueueBuild(request(1));
    await test.sealed;
    await test.close();
    test = null;
    await way.close();
  });

  it("a frozen worker whose twin has finished is told so when it wakes, and spoils nothing", async () => {
    const prefix = newPrefix();
    test = await queueOn(redis.url, { shards: 1, settings: { prefix } });
    const child = await childOn(prefix, "hold");
    await test.queue.enqueueBuild(request(1));
    await until("the child has the shard", () => child.told.includes("started 0000 1"));
    child.kill("SIGSTOP");
    await test.mill(async () => null);
    await test.sealed;
    child.kill("SIGCONT");
    await until("the child has given it up", () => child.told.includes("lock_lost 0000 1"));
    const { completed, failed } = await test.queue.jobsOf("b");
    expect(completed).toHaveLength(3);
    expect(failed).toEqual([]);
  });

  it("a terminated worker hands its job back at once, without a used attempt", async () => {
    const prefix = newPrefix();
    // With such a lock, only a job that was handed back is taken within the test.
    test = await queueOn(redis.url, { shards: 1, settings: { prefix, lockDurationMs: 600_000 } });
    const child = await startWorkerChild(
      redis.url,
      { ...quick, prefix, lockDurationMs: 600_000, stalledIntervalMs: 600_000 },
      "hold",
    );
    children.push(child);
    await test.queue.enqueueBuild(request(1));
    await until("the child has the shard", () => child.told.includes("started 0000 1"));
    child.kill("SIGTERM");
    await child.ended;
    expect(child.told).toContain("handed_back 0000 1");
    expect((await test.queue.jobsOf("b")).waiting).toMatchObject([{ range: "0000" }]);
    const attempts: number[] = [];
    await test.mill(async (_, { attempt }) => {
      attempts.push(attempt);
      return null;
    });
    await test.sealed;
    expect(attempts).toEqual([1]);
  });

  it("a closing worker begins nothing, not even what its last look at the queue brings", async () => {
    test = await queueOn(redis.url, { shards: 20 });
    const { queue } = test;
    const kinds: string[] = [];
    const worker = await queue.runWorker({
      role: "mill",
      name: "leaving",
      concurrency: 4,
      onEvent: ({ kind }) => kinds.push(kind),
      handlers: { millShard: (_, { signal }) => aborted(signal) },
    });
    await queue.enqueueBuild(request(1));
    await until("four run", () => kinds.length === 4);
    await worker.close({ drain: false });
    expect(new Set(kinds.slice(4))).toEqual(new Set(["handed_back"]));
    expect((await queue.counts()).mill).toMatchObject({ waiting: 20, active: 0, delayed: 0, failed: 0 });
  });

  it("closing does not wait for a handler that does not listen, and hands its job back", async () => {
    test = await queueOn(redis.url, { shards: 1, settings: { closeWithinMs: 900 } });
    let isRunning = false;
    const deaf = await test.mill(() => {
      isRunning = true;
      return new Promise<never>(() => {});
    });
    await test.queue.enqueueBuild(request(1));
    await until("it runs", () => isRunning);
    await deaf.close({ drain: false });
    await test.mill(async () => null, { name: "second" });
    await test.sealed;
  });

  it("a drain finishes what runs and takes nothing more; closing cuts it short", async () => {
    test = await queueOn(redis.url, { shards: 3 });
    const started: string[] = [];
    let finishFirst = (): void => {};
    const first = new Promise<void>((resolve) => {
      finishFirst = resolve;
    });
    const worker = await test.mill(
      async ({ range }, { signal }) => {
        started.push(range);
        if (range === "0000") await first;
        else await aborted(signal);
        return null;
      },
      { concurrency: 2 },
    );
    await test.queue.enqueueBuild(request(1));
    await until("two run", () => started.length === 2);
    const drained = worker.close({ drain: true });
    finishFirst();
    await until("one is done", async () => (await test?.queue.counts())?.mill.completed === 1);
    expect(started).toHaveLength(2);
    await worker.close({ drain: false });
    await drained;
    expect((await test.queue.counts()).mill).toMatchObject({ completed: 1, waiting: 2, active: 0 });
  });

  it("a worker whose intake is paused finishes its jobs and takes none until resumed", async () => {
    test = await queueOn(redis.url, { shards: 2 });
    const started: string[] = [];
    let finish = (): void => {};
    const mayFinish = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const worker = await test.mill(
      async ({ range }) => {
        started.push(range);
        await mayFinish;
        return null;
      },
      { concurrency: 1 },
    );
    await test.queue.enqueueBuild(request(1));
    await until("one runs", () => started.length === 1);
    expect(worker.current()).toMatchObject([{ build: "b", step: "mill", label: "p0000", attempt: 1 }]);
    await worker.pauseIntake();
    finish();
    await until("it is done", async () => (await test?.queue.counts())?.mill.completed === 1);
    expect(started).toHaveLength(1);
    await worker.resumeIntake();
    await test.sealed;
    expect(started).toHaveLength(2);
  });

  it("Redis emptied in mid-build: running jobs are stopped, and enqueuing again finishes the build", async () => {
    test = await queueOn(redis.url, { shards: 2 });
    const { queue } = test;
    const reasons: unknown[] = [];
    let isHeld = true;
    let running = 0;
    await test.mill(async (_, { signal }) => {
      running += 1;
      if (isHeld) await aborted(signal).catch((reason: unknown) => reasons.push(reason));
      signal.throwIfAborted();
      return null;
    });
    await queue.enqueueBuild(request(1));
    await until("both shards run", () => running === 2);
    isHeld = false;
    await flush(redis);
    expect(await queue.ensureParts(request(1))).toEqual({ added: ["p0000"] });
    await until("both first runs were stopped", () => reasons.length === 2);
    expect(reasons).toMatchObject([{ why: "lock_lost" }, { why: "lock_lost" }]);
    await test.sealed;
    expect(running).toBe(4);
  });

  it("Redis away for four seconds: the running shard is kept and the build goes on", async () => {
    test = await queueOn(redis.url, { shards: 2, settings: { lockDurationMs: 20_000 } });
    const { queue } = test;
    let isAway = true;
    let back = (): void => {};
    const isBack = new Promise<void>((resolve) => {
      back = resolve;
    });
    const runs: string[] = [];
    await test.mill(
      async ({ range }) => {
        runs.push(range);
        if (isAway) await isBack;
        return null;
      },
      { concurrency: 1 },
    );
    await queue.enqueueBuild(request(1));
    await until("one shard runs", () => runs.length === 1);
    process.kill(redis.pid, "SIGSTOP");
    try {
      await until("it does not answer", () => queue.ping().then(() => false, isUnreachable));
      isAway = false;
      back();
      await expect(queue.ping()).rejects.toMatchObject({ code: "queue_unreachable" });
    } finally {
      process.kill(redis.pid, "SIGCONT");
    }
    await test.sealed;
    expect(runs.sort()).toEqual(["0000", "0001"]);
  });

  it("Redis killed: it is back at the same address, empty, and enqueuing again finishes the build", async () => {
    test = await queueOn(redis.url, { shards: 2 });
    const { queue } = test;
    let isHeld = true;
    let running = 0;
    await test.mill(async (_, { signal }) => {
      running += 1;
      if (isHeld) await aborted(signal);
      return null;
    });
    await queue.enqueueBuild(request(1));
    await until("both shards run", () => running === 2);
    isHeld = false;
    const { restarts } = redis;
    process.kill(redis.pid, "SIGKILL");
    await until("it was started again", () => redis.restarts === restarts + 1);
    await queue.ensureParts(request(1));
    await test.sealed;
  });
});

function isUnreachable(error: unknown): boolean {
  return error instanceof Failure && error.code === "queue_unreachable";
}

async function flush(redis: EmbeddedRedis): Promise<void> {
  const client = new Redis(redis.url);
  await client.flushall();
  client.disconnect();
}
