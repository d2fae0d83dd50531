import type { FlowProducer, Queue } from "bullmq";
import type { Redis } from "ioredis";
import type { Subscriptions } from "../live/subscriptions.ts";
import type { QueueSettings } from "../queue-settings.ts";
import type { Patience } from "../redis/patience.ts";
import type { RedisKeys } from "../redis/redis-keys.ts";

/** What one connection to the queue holds; every verb of this room takes it. */
export interface OpenQueue {
  readonly redis: Redis;
  /** The server's address without a password. */
  readonly address: string;
  readonly settings: QueueSettings;
  readonly keys: RedisKeys;
  /** Parts and builds. */
  readonly plan: Queue;
  /** Shards. */
  readonly mill: Queue;
  readonly flow: FlowProducer;
  readonly subscriptions: Subscriptions;
  readonly onError: (error: Error) => void;
  readonly patience: Patience;
  /** The policy of a server that drops keys when it is full. */
  readonly evicts: string | null;
}
