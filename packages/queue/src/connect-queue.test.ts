import { createServer, type Server } from "node:net";
import { Failure, systemClock } from "@shardmill/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { frailWayTo } from "../testing/frail-way.ts";
import { newPrefix, quick } from "../testing/queue-on.ts";
import { redisKinds, startKind } from "../testing/redis-kinds.ts";
import { until } from "../testing/until.ts";
import { connectQueue } from "./connect-queue.ts";
import type { JobEvent } from "./live/job-event.ts";
import type { WorkerBeat } from "./live/worker-beat.ts";
import type { MillQueue } from "./mill-queue.ts";
import type { EmbeddedRedis } from "./redis/start-embedded-redis.ts";

describe.each(redisKinds)("a connection to %s", (kind) => {
  let redis: EmbeddedRedis;
  let one: MillQueue;
  let other: MillQueue;
  beforeAll(async () => {
    redis = await startKind(kind);
    const settings = { ...quick, prefix: newPrefix(), beatTtlMs: 1_500 };
    one = await connectQueue({ url: redis.url, ...settings });
    other = await connectQueue({ url: redis.url, ...settings });
  });
  afterAll(async () => {
    await one.close();
    await other.close();
    await redis.close();
  });

  it("has an address without the password", () => {
    expect(one.address).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/);
  });

  it("a wrong password fails at once, in one line that does not show it", async () => {
    const url = redis.url.replace(/:[0-9a-f]{48}@/, ":wrongpassword@");
    const failure = await connectQueue({ url, connectWithinMs: 3_600_000 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ code: "queue_unfit" });
    expect(String(failure)).not.toContain("wrongpassword");
    expect(String(failure)).not.toContain("\n");
  });

  it("a gate closed by one worker holds all, by host, and the longer wait counts", async () => {
    const { signal } = new AbortController();
    const gate = one.rateGate();
    const distant = other.rateGate();
    const began = performance.now();
    await gate.pass("hub", signal);
    await distant.pause("hub", 1_500);
    await distant.pause("hub", 100);
    await gate.pass("cdn", signal);
    await other.rateGate("another").pass("hub", signal);
    const before = performance.now() - began;
    await gate.pass("hub", signal);
    expect(performance.now() - began).toBeGreaterThanOrEqual(1_490);
    expect(before).toBeLessThan(1_490);
  });

  it("a wait at a gate ends with its signal", async () => {
    const controller = new AbortController();
    await one.rateGate().pause("closed", 60_000);
    const waiting = other.rateGate().pass("closed", controller.signal);
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
  });

  it("lists the workers that beat, and forgets one that stops", async () => {
    const beat: WorkerBeat = {
      worker: "mill-1",
      host: "box",
      pid: 7,
      version: "0.1.0",
      role: "mill",
      current: [{ build: "b", step: "mill", label: "p0001", range: "0000", member: "a.mp4" }],
      limits: { minFreeBytes: 0, maxOutputBytes: null, maxBytesPerS: 1_000_000 },
      startedAt: "2026-01-01T00:00:00.000Z",
      memoryBytes: 1e8,
      partOf: null,
      processes: 1,
      alive: 1,
      rests: false,
      refuses: [
        { build: "c", dataset: "d", code: "output_differs" as const, why: "sharp 0.1, the build has 0.2" },
      ],
    };
    await one.beat(beat);
    expect(await other.workers()).toEqual([beat]);
    await until("it is forgotten", async () => (await other.workers()).length === 0);
  });

  it("tells a worker to take no new job, and to take them again", async () => {
    expect(await one.isToRest("mill-1")).toBe(false);
    await other.setRest("mill-1", true);
    expect([await one.isToRest("mill-1"), await one.isToRest("mill-2")]).toEqual([true, false]);
    await other.setRest("mill-1", false);
    expect(await one.isToRest("mill-1")).toBe(false);
  });

  it("sends live events to every listener, but none that is too large", async () => {
    const heard: JobEvent[] = [];
    const stop = await other.subscribe((event) => heard.push(event));
    const event: JobEvent = {
      at: new Date().toISOString(),
      kind: "note",
      build: "b",
      dataset: "d",
      step: null,
      label: null,
      range: null,
      worker: null,
      attempt: null,
      detail: { text: "hello" },
    };
    expect(await one.publish({ ...event, detail: "x".repeat(10_000) })).toBe(false);
    expect(await one.publish(event)).toBe(true);
    await until("it is heard", () => heard.length > 0);
    expect(heard).toEqual([event]);
    await stop();
  });

  it("that falls silent after the first answer is given up in time, or by a signal", async () => {
    const way = await frailWayTo(redis.url);
    way.lastAnswer = "redis_version";
    const late = await connectQueue({ url: way.url, connectWithinMs: 2_000 }).catch(
      (error: unknown) => error,
    );
    expect(late).toMatchObject({
      code: "queue_unreachable",
      message: expect.stringContaining("within 2 s, found none"),
    });
    const signal = AbortSignal.timeout(500);
    await expect(connectQueue({ url: way.url, connectWithinMs: 60_000, signal })).rejects.toMatchObject({
      name: "TimeoutError",
    });
    await way.close();
  });

  it("answers a ping", async () => {
    expect(await one.ping()).toBeGreaterThan(0);
  });
});

describe("an address without Redis", () => {
  let silent: Server;
  let port = 0;
  beforeAll(async () => {
    silent = createServer((socket) => socket.on("error", () => {}));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    port = typeof address === "object" && address !== null ? address.port : 0;
  });
  afterAll(() => silent.close());

  it("that never answers is given up in time, in one line without the password", async () => {
    const url = `redis://:secret@127.0.0.1:${port}`;
    const failure = await connectQueue({ url, connectWithinMs: 300 }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "queue_unreachable",
      message: `Redis at redis://127.0.0.1:${port}: expected an answer within 0.3 s, found: no answer`,
      where: { url: `redis://127.0.0.1:${port}` },
    });
  });

  it("that refuses says so", async () => {
    const failure = await connectQueue({ url: "redis://127.0.0.1:1", connectWithinMs: 300 }).catch(String);
    expect(failure).toContain("ECONNREFUSED");
  });

  it("can be given up before by a signal", async () => {
    const url = `redis://127.0.0.1:${port}`;
    const signal = AbortSignal.timeout(100);
    await expect(connectQueue({ url, connectWithinMs: 20_000, signal })).rejects.toBe(
      await systemClock.sleep(60_000, signal).catch((reason: unknown) => reason),
    );
  });

  it("that is no address is wrong use, and is not shown", async () => {
    for (const url of ["http://:secret@x", "nonsense:secret", ""]) {
      const failure = await connectQueue({ url }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "wrong_use" });
      expect(String(failure)).not.toContain("secret");
    }
  });
});
