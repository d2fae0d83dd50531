import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { aborted, queueOn, request, type TestQueue } from "../../testing/queue-on.ts";
import { redisKinds, startKind } from "../../testing/redis-kinds.ts";
import { until } from "../../testing/until.ts";
import type { BuildJobs } from "../mill-queue.ts";
import type { EmbeddedRedis } from "../redis/start-embedded-redis.ts";
import { JobStopped } from "../worker/job-stopped.ts";

describe.each(redisKinds)("control of a build on %s", (kind) => {
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

  it("pause hands running shards back and begins none; resume goes on without a used attempt", async () => {
    test = await queueOn(redis.url, { shards: 3 });
    const { queue } = test;
    const attempts: number[] = [];
    const reasons: unknown[] = [];
    let isHeld = true;
    await test.mill(
      async (_, { signal, attempt }) => {
        attempts.push(attempt);
        if (isHeld) await aborted(signal).catch((reason: unknown) => reasons.push(reason));
        signal.throwIfAborted();
        return null;
      },
      { concurrency: 2 },
    );
    await queue.enqueueBuild(request(1));
    await until("two shards run", () => attempts.length === 2);
    await queue.setControl("b", "pause");
    await until("all three are put off", async () => (await queue.jobsOf("b")).delayed.length === 3);
    expect(reasons).toEqual([expect.any(JobStopped), expect.any(JobStopped)]);
    expect(attempts).toHaveLength(2);
    expect(await queue.control("b")).toBe("pause");
    isHeld = false;
    await queue.setControl("b", "run");
    await test.sealed;
    expect(attempts).toEqual([1, 1, 1, 1, 1]);
  });

  it("parts come in their order, also when some of them were put off", async () => {
    let isHeld = true;
    test = await queueOn(redis.url, {
      planners: 1,
      shards: 1,
      beforePlan: async () => until("it is let go", () => !isHeld),
    });
    const { queue, diary } = test;
    const milled: string[] = [];
    await test.mill(
      async ({ label }) => {
        milled.push(label);
        return null;
      },
      { concurrency: 1 },
    );
    await queue.enqueueBuild(request(20));
    await until("the first is planned", () => diary.length === 1);
    await queue.setControl("b", "pause");
    isHeld = false;
    await until("two are put off", async () => (await queue.jobsOf("b")).delayed.length >= 2);
    await queue.setControl("b", "run");
    await test.sealed;
    const planned = diary.filter((line) => line.startsWith("plan")).map((line) => line.slice(5));
    // Some may be taken in the moment before those that were put off are back; none of these comes last.
    expect([new Set(planned).size, planned.at(-1), milled.at(-1)]).toEqual([20, "p0019", "p0019"]);
    expect(milled.indexOf("p0001")).toBeLessThan(10);
  });

  it("pausing one build lets another go on", async () => {
    test = await queueOn(redis.url);
    const { queue } = test;
    const milled: string[] = [];
    await test.mill(async ({ build }) => {
      milled.push(build);
      return null;
    });
    await queue.setControl("a", "pause");
    await queue.enqueueBuild(request(1, "a"));
    await queue.enqueueBuild(request(1, "b"));
    await test.sealed;
    expect(milled).toEqual(["b", "b"]);
    expect((await queue.jobsOf("a")).delayed).toMatchObject([{ what: "part", label: "p0000" }]);
  });

  it("cancel stops what runs and leaves no job; the same build can be enqueued again", async () => {
    test = await queueOn(redis.url, { shards: 20 });
    const { queue, diary } = test;
    let isHeld = true;
    let running = 0;
    await test.mill(async (_, { signal }) => {
      running += 1;
      return isHeld ? aborted(signal) : null;
    });
    await queue.enqueueBuild(request(3));
    await until("four shards run", () => running === 4);
    await queue.setControl("b", "cancel");
    await until("no job is left", async () => Object.values(await queue.jobsOf("b")).flat().length === 0);
    expect(diary.filter((line) => !line.startsWith("plan"))).toEqual([]);
    isHeld = false;
    expect((await queue.enqueueBuild(request(3, "b", 2))).added).toHaveLength(3);
    await test.sealed;
    expect(await queue.control("b")).toBe("run");
  });

  it("one part is paused, and another cancelled, while the rest goes on", async () => {
    test = await queueOn(redis.url, { shards: 2 });
    const { queue, diary } = test;
    const heard: string[] = [];
    const stop = await queue.watchControl(null, (build, control, label) =>
      heard.push(`${build} ${label} ${control}`),
    );
    const begun: string[] = [];
    let isHeld = true;
    await test.mill(
      async ({ label }, { signal }) => {
        begun.push(label);
        return isHeld ? aborted(signal) : null;
      },
      { concurrency: 6 },
    );
    await queue.enqueueBuild(request(3));
    await until("all six shards run", () => begun.length === 6);
    await queue.setPartControl({ build: "b", label: "p0000" }, "pause");
    await queue.setPartControl({ build: "b", label: "p0001" }, "cancel");
    const of = async (label: string) =>
      Object.entries<BuildJobs["waiting"]>({ ...(await queue.jobsOf("b")) }).flatMap(([state, refs]) =>
        refs.flatMap((ref) => (ref.label === label ? [`${ref.what} ${state}`] : [])),
      );
    await until("the paused one is put off", async () => (await queue.jobsOf("b")).delayed.length === 2);
    await until("nothing of the cancelled one is left", async () => (await of("p0001")).length === 0);
    expect((await of("p0002")).sort()).toEqual(["part parked", "shard active", "shard active"]);
    expect(await queue.ensureParts(request(3))).toEqual({ added: [] });
    expect([await queue.control("b"), [...(await queue.partControls("b"))].sort()]).toEqual([
      "run",
      [
        ["p0000", "pause"],
        ["p0001", "cancel"],
      ],
    ]);
    isHeld = false;
    await queue.setPartControl({ build: "b", label: "p0000" }, "run");
    await queue.setPartControl({ build: "b", label: "p0002" }, "pause");
    await queue.setPartControl({ build: "b", label: "p0002" }, "run");
    await test.sealed;
    expect(diary.filter((line) => line.startsWith("finish")).sort()).toEqual([
      "finish p0000",
      "finish p0002",
    ]);
    expect(heard).toContain("b p0001 cancel");
    await stop();
    await queue.removeBuild("b");
    expect((await queue.partControls("b")).size).toBe(0);
  });

  it("the owner's comparison does not bring a cancelled build back", async () => {
    test = await queueOn(redis.url);
    const { queue } = test;
    await queue.setControl("b", "cancel");
    expect(await queue.ensureParts(request(1, "b"))).toEqual({ added: [] });
    expect(Object.values(await queue.jobsOf("b")).flat()).toEqual([]);
    expect(await queue.control("b")).toBe("cancel");
  });

  it("removing a build takes everything of it and nothing of a build whose name begins alike", async () => {
    test = await queueOn(redis.url);
    const { queue } = test;
    const stopped: string[] = [];
    let running = 0;
    await test.mill(async ({ build }, { signal, progress }) => {
      running += 1;
      progress({ clips: 1 });
      await aborted(signal).catch(() => stopped.push(build));
      signal.throwIfAborted();
      return null;
    });
    await queue.enqueueBuild(request(1, "b"));
    await queue.enqueueBuild(request(1, "b-p0000"));
    await until("all four shards run", () => running === 4);
    await queue.removeBuild("b");
    expect(Object.values(await queue.jobsOf("b")).flat()).toEqual([]);
    expect((await queue.jobsOf("b-p0000")).active).toHaveLength(2);
    await until("its handlers were stopped", () => stopped.length === 2);
    expect(stopped).toEqual(["b", "b"]);
    await until("its progress is gone", async () => (await queue.progressOf("b")).length === 0);
  });

  it("a watcher hears every change, and at once what was asked before it came", async () => {
    test = await queueOn(redis.url);
    const { queue } = test;
    await queue.setControl("early", "pause");
    const heard: string[] = [];
    const stop = await queue.watchControl(null, (build, control) => heard.push(`${build} ${control}`));
    expect(heard).toEqual(["early pause"]);
    const next = async (line: string): Promise<void> => until(`heard: ${line}`, () => heard.at(-1) === line);
    await queue.setControl("b", "pause");
    await next("b pause");
    await queue.setControl("b", "run");
    await next("b run");
    await queue.setControl("b", "cancel");
    await next("b cancel");
    await stop();
    expect(heard).toEqual(["early pause", "b pause", "b run", "b cancel"]);
  });
});
