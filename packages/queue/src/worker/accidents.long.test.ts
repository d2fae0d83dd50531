import { afterEach, describe, expect, it } from "vitest";
import { queueOn, request, type TestQueue } from "../../testing/queue-on.ts";
import { redisKinds, startKind } from "../../testing/redis-kinds.ts";
import { until } from "../../testing/until.ts";
import type { EmbeddedRedis } from "../redis/start-embedded-redis.ts";

describe.each(redisKinds)("long accidents on %s", (kind) => {
  let redis: EmbeddedRedis | null = null;
  let test: TestQueue | null = null;
  afterEach(async () => {
    await test?.close();
    await redis?.close();
  });

  it("Redis away for 30 s, past every lock: the build goes on by itself", async () => {
    redis = await startKind(kind);
    test = await queueOn(redis.url, { shards: 4 });
    let isAway = true;
    let running = 0;
    await test.mill(async (_, { signal }) => {
      running += 1;
      if (isAway) await until("Redis is back", () => !isAway || signal.aborted, 60_000);
      signal.throwIfAborted();
      return null;
    });
    await test.queue.enqueueBuild(request(1));
    await until("all run", () => running === 4);
    process.kill(redis.pid, "SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 30_000));
    process.kill(redis.pid, "SIGCONT");
    isAway = false;
    await test.sealed;
    expect(await test.queue.ping()).toBeLessThan(2_000);
  });

  it("Redis killed twenty times over one build: its owner enqueues what has vanished, and it ends", async () => {
    redis = await startKind(kind);
    test = await queueOn(redis.url, { shards: 40 });
    const { queue } = test;
    // As the pipeline does: what is committed is not made again.
    const committed = new Set<string>();
    await test.mill(async ({ label, range }) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      committed.add(`${label} ${range}`);
      return null;
    });
    await queue.enqueueBuild(request(5));
    let isOver = false;
    const over = test.sealed.then(() => {
      isOver = true;
    });
    for (let kills = 1; kills <= 20; kills += 1) {
      const { restarts } = redis;
      // Somewhere in the next second, the same each time this test runs.
      await new Promise((resolve) => setTimeout(resolve, (kills * 397) % 1_000));
      process.kill(redis.pid, "SIGKILL");
      await until("it was started again", () => redis?.restarts === restarts + 1, 30_000);
      await queue.ensureParts(request(5));
    }
    while (!isOver) {
      await queue.ensureParts(request(5));
      await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 1_000))]);
    }
    expect(committed.size).toBe(200);
  });
});
