import { Failure } from "@shardmill/core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { queueOn, request, type TestQueue } from "../../testing/queue-on.ts";
import { redisKinds, startKind } from "../../testing/redis-kinds.ts";
import { until } from "../../testing/until.ts";
import type { EmbeddedRedis } from "../redis/start-embedded-redis.ts";

describe.each(redisKinds)("a build on %s", (kind) => {
  let redis: EmbeddedRedis;
  let test: TestQueue | null = null;
  beforeAll(async () => {
    redis = await startKind(kind);
  });
  afterEach(async () => {
    await test?.close();
    test = null;
  });
  afterAll(() => redis.close());

  it("plans a part, mills its shards, finishes it, and seals when all parts have ended", async () => {
    test = await queueOn(redis.url);
    const { diary, queue, sealed } = test;
    await test.mill(async (shard) => {
      diary.push(`mill ${shard.label} ${shard.range} ${JSON.stringify(shard.payload)}`);
      return null;
    });
    expect(await queue.enqueueBuild(request(2))).toEqual({ added: ["p0000", "p0001"] });
    await sealed;
    expect([...diary].sort()).toEqual([
      "finish p0000",
      "finish p0001",
      'mill p0000 0000 {"index":0}',
      'mill p0000 0001 {"index":1}',
      'mill p0001 0000 {"index":0}',
      'mill p0001 0001 {"index":1}',
      "plan p0000",
      "plan p0001",
      "seal b",
    ]);
    expect(diary.at(-1)).toBe("seal b");
    for (const label of ["p0000", "p0001"]) {
      const own = diary.filter((line) => line.includes(label));
      expect(own[0]).toBe(`plan ${label}`);
      expect(own.at(-1)).toBe(`finish ${label}`);
    }
    await until("all is completed", async () => (await queue.counts()).plan.completed === 3);
    expect((await queue.counts()).mill).toMatchObject({ completed: 4, failed: 0, waiting: 0 });
  });

  it("finishes a part that has nothing to mill", async () => {
    test = await queueOn(redis.url, { shards: 0 });
    await test.queue.enqueueBuild(request(1));
    await test.sealed;
    expect(test.diary).toEqual(["plan p0000", "finish p0000", "seal b"]);
  });

  it("finishes parts before it plans others", async () => {
    test = await queueOn(redis.url, {
      shards: 1,
      planners: 1,
      async beforePlan({ label }, queue) {
        if (label !== "p0001") return;
        await until("p0000 waits to be finished", async () => {
          const { waiting } = await queue.jobsOf("b");
          return waiting.some((job) => job.label === "p0000" && job.what === "part");
        });
      },
    });
    const { diary } = test;
    await test.mill(async () => {
      // Done any sooner, the part would be finished in the run that planned it.
      await until("p0001 is being planned", () => diary.includes("plan p0001"));
      return null;
    });
    await test.queue.enqueueBuild(request(3));
    await test.sealed;
    expect(diary.indexOf("finish p0000")).toBeLessThan(diary.indexOf("plan p0002"));
  });

  it("takes all 186 parts in one step", async () => {
    test = await queueOn(redis.url, { shards: 0 });
    await test.queue.enqueueBuild(request(186));
    await test.sealed;
    expect(test.diary).toHaveLength(2 * 186 + 1);
  });

  it("a final failure does not hang its part, which learns the code", async () => {
    test = await queueOn(redis.url);
    const attempts: number[] = [];
    await test.mill(async (shard, { attempt }) => {
      if (shard.range === "0000") return null;
      attempts.push(attempt);
      throw new Failure("archive_malformed", "no directory", { where: { part: shard.label } });
    });
    await test.queue.enqueueBuild(request(1));
    await test.sealed;
    expect(attempts).toEqual([1]);
    expect(test.diary).toContain("finish p0000 0001:archive_malformed");
    const { failed } = await test.queue.jobsOf("b");
    expect(failed).toEqual([
      {
        id: "b--p0000-0001-1",
        build: "b",
        run: 1,
        what: "shard",
        label: "p0000",
        range: "0001",
        failure: { code: "archive_malformed", message: "no directory", where: { part: "p0000" } },
      },
    ]);
  });

  it("tries a retryable failure again, up to the bound", async () => {
    test = await queueOn(redis.url, { settings: { attempts: 3 } });
    const attempts: string[] = [];
    await test.mill(async (shard, { attempt }) => {
      attempts.push(`${shard.range}:${attempt}`);
      if (shard.range === "0000" && attempt === 2) return null;
      throw new Failure("source_unreachable", "no answer");
    });
    await test.queue.enqueueBuild(request(1));
    await test.sealed;
    expect(attempts.sort()).toEqual(["0000:1", "0000:2", "0001:1", "0001:2", "0001:3"]);
    expect(test.diary).toContain("finish p0000 0001:source_unreachable");
  });

  it("waits before a retry as long as the other side asked", async () => {
    test = await queueOn(redis.url, { shards: 1 });
    const at: number[] = [];
    await test.mill(async () => {
      at.push(performance.now());
      if (at.length > 1) return null;
      throw new Failure("source_unreachable", "busy", { retryAfterMs: 700 });
    });
    await test.queue.enqueueBuild(request(1));
    await test.sealed;
    expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(690);
  });

  it.each([
    ["source_rate_limited", { rateLimitWaitMs: 300 }],
    ["output_full", { fullDiskWaitMs: 300 }],
  ] as const)("%s waits and uses no attempt", async (code, settings) => {
    test = await queueOn(redis.url, { shards: 1, settings: { ...settings, attempts: 1 } });
    const attempts: number[] = [];
    const at: number[] = [];
    await test.mill(async (_, { attempt }) => {
      attempts.push(attempt);
      at.push(performance.now());
      if (attempts.length > 2) return null;
      throw new Failure(code, "later");
    });
    await test.queue.enqueueBuild(request(1));
    await test.sealed;
    expect(attempts).toEqual([1, 1, 1]);
    expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(290);
  });

  it("a rate limit that one worker met holds all workers", async () => {
    test = await queueOn(redis.url, { shards: 2 });
    const at: number[] = [];
    const milled = async (): Promise<null> => {
      at.push(performance.now());
      if (at.length > 1) return null;
      throw new Failure("source_rate_limited", "429", { retryAfterMs: 600 });
    };
    // The first holds the only shard there is until the limit is set; the second has to be kept from the other one.
    const first = await test.mill(milled, { name: "first", concurrency: 1 });
    await first.pauseIntake();
    await test.queue.enqueueBuild(request(1));
    await until("both wait", async () => (await test?.queue.counts())?.mill.waiting === 2);
    await first.resumeIntake();
    await until(
      "it is back",
      async () => at.length === 1 && (await test?.queue.counts())?.mill.waiting === 2,
    );
    await test.mill(milled, { name: "second", concurrency: 1 });
    await test.sealed;
    expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(590);
  });

  it("a worker of another version refuses, rests, and the right one has the shard at once, as its first attempt", async () => {
    // Who rested with the job in hand, or put it off, would keep the build for an hour.
    test = await queueOn(redis.url, { shards: 2, settings: { refusedWaitMs: 3_600_000, attempts: 1 } });
    let refused = 0;
    await test.mill(
      async () => {
        refused += 1;
        throw new Failure("toolchain_mismatch", "expected 0.1.0, found 0.2.0");
      },
      { name: "other version" },
    );
    await test.queue.enqueueBuild(request(1));
    await until("it refuses", () => refused > 0);
    const attempts: number[] = [];
    await test.mill(async (_, { attempt }) => {
      attempts.push(attempt);
      return null;
    });
    await test.sealed;
    expect(attempts).toEqual([1, 1]);
    expect(refused).toBeLessThan(5);
  });

  it("a worker that refuses rests longer each time, and not for what it fits", async () => {
    test = await queueOn(redis.url, { shards: 1, settings: { refusedWaitMs: 20, refusedMaxWaitMs: 80 } });
    const rests: unknown[] = [];
    const stop = await test.queue.subscribe(({ kind, detail }) => {
      if (kind === "delayed") rests.push((detail as { forMs: number }).forMs);
    });
    await test.mill(async () => {
      if (rests.length > 4) return null;
      throw new Failure("output_differs", "its --out has no build of d");
    });
    await test.queue.enqueueBuild(request(1));
    await test.sealed;
    await stop();
    expect(rests.slice(0, 4)).toEqual([20, 40, 80, 80]);
  });

  it("enqueuing again adds nothing, also after the end; a new run does", async () => {
    test = await queueOn(redis.url);
    let milled = 0;
    await test.mill(async () => {
      milled += 1;
      return null;
    });
    const { queue } = test;
    await queue.enqueueBuild(request(1));
    await test.sealed;
    await until("the seal is done", async () => (await queue.counts()).plan.completed === 2);
    expect(await queue.enqueueBuild(request(1))).toEqual({ added: [] });
    expect(await queue.ensureParts(request(1))).toEqual({ added: [] });
    expect(milled).toBe(2);
    expect(await queue.enqueueBuild(request(1, "b", 2))).toEqual({ added: ["p0000"] });
    await until("the second run is sealed", () => test?.diary.filter((l) => l === "seal b").length === 2);
    expect(milled).toBe(4);
  });

  it("tells progress at most once an interval, keeps it for late readers, and forgets it at the end", async () => {
    test = await queueOn(redis.url, { shards: 1, settings: { progressEveryMs: 200 } });
    const { queue } = test;
    const told: unknown[] = [];
    const stop = await queue.subscribe((event) => {
      if (event.kind === "progress" || event.kind === "completed") told.push(event.detail);
    });
    let finish = (): void => {};
    const mayFinish = new Promise<void>((resolve) => {
      finish = resolve;
    });
    await test.mill(async (_, { progress }) => {
      for (let clips = 1; clips <= 1_000; clips += 1) progress({ clips });
      await mayFinish;
      return null;
    });
    await queue.enqueueBuild(request(1));
    await until("the last progress is there", () => told.length === 2);
    expect(told).toEqual([{ clips: 1 }, { clips: 1_000 }]);
    expect(await queue.progressOf("b")).toEqual([
      { label: "p0000", range: "0000", step: "mill", worker: "miller", progress: { clips: 1_000 } },
    ]);
    finish();
    await test.sealed;
    await until("progress is forgotten", async () => (await queue.progressOf("b")).length === 0);
    await stop();
  });

  it("turns 500 shards of nothing over", async () => {
    test = await queueOn(redis.url, { shards: 500 });
    let milled = 0;
    await test.mill(
      async () => {
        milled += 1;
        return null;
      },
      { concurrency: 16 },
    );
    const began = performance.now();
    await test.queue.enqueueBuild(request(1));
    await test.sealed;
    console.log(`${kind}: ${Math.round(500 / ((performance.now() - began) / 1_000))} shards/s`);
    expect(milled).toBe(500);
  });
});
