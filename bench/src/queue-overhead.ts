import { connectQueue, type MillQueue, startEmbeddedRedis } from "@shardmill/queue";

/** Milliseconds that a shard's way through the queue takes when there is nothing to be done for it. */
export async function queueOverhead(shards: number, atOnce: number): Promise<number> {
  const redis = await startEmbeddedRedis();
  const queue = await connectQueue({ url: redis.url, prefix: `bench-${atOnce}` });
  try {
    return await emptyShards(queue, shards, atOnce);
  } finally {
    await queue.close();
    await redis.close();
  }
}

async function emptyShards(queue: MillQueue, shards: number, atOnce: number): Promise<number> {
  let firstAt: number | null = null;
  let lastAt = 0;
  let ended = (): void => {};
  const sealed = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const planner = await queue.runWorker({
    role: "plan",
    name: "bench/plan",
    concurrency: 1,
    handlers: {
      planPart: async () =>
        Array.from({ length: shards }, (_, range) => ({ range: String(range).padStart(4, "0") })),
      finishPart: async () => null,
      sealBuild: async () => {
        ended();
        return null;
      },
    },
  });
  const mill = await queue.runWorker({
    role: "mill",
    name: "bench/mill",
    concurrency: atOnce,
    handlers: {
      millShard: async (_shard, { progress }) => {
        firstAt ??= performance.now();
        progress({ done: 0 });
        lastAt = performance.now();
        return null;
      },
    },
  });
  await queue.enqueueBuild({
    build: "bench",
    run: 1,
    dataset: "bench",
    parts: [{ label: "p0000", subset: null, part: 0 }],
  });
  await sealed;
  await Promise.all([planner.close({ drain: false }), mill.close({ drain: false })]);
  return (lastAt - (firstAt ?? lastAt)) / Math.max(1, shards - 1);
}
