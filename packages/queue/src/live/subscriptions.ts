import type { Redis } from "ioredis";

type Listener = (message: string) => void;

/** One subscribing connection, opened when first needed. It subscribes again by itself after an outage. */
export class Subscriptions {
  readonly #redis: Redis;
  readonly #onError: (error: Error) => void;
  #connection: Redis | null = null;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #onBack = new Set<() => void>();

  constructor(redis: Redis, onError: (error: Error) => void) {
    this.#redis = redis;
    this.#onError = onError;
  }

  /** `onBack` is called whenever the connection is up again: messages may have been lost. */
  async listen(
    channel: string,
    listener: Listener,
    onBack: () => void = () => {},
  ): Promise<() => Promise<void>> {
    const connection = this.#open();
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners);
    listeners.add(listener);
    this.#onBack.add(onBack);
    await connection.subscribe(channel);
    return async () => {
      this.#onBack.delete(onBack);
      listeners.delete(listener);
      if (listeners.size > 0 || connection.status !== "ready") return;
      this.#listeners.delete(channel);
      await connection.unsubscribe(channel);
    };
  }

  close(): void {
    this.#connection?.disconnect();
    this.#listeners.clear();
    this.#onBack.clear();
  }

  #open(): Redis {
    if (this.#connection !== null) return this.#connection;
    const connection = this.#redis.duplicate();
    connection.on("error", this.#onError);
    connection.on("ready", () => {
      for (const back of this.#onBack) back();
    });
    connection.on("message", (channel: string, message: string) => {
      for (const listener of this.#listeners.get(channel) ?? []) listener(message);
    });
    this.#connection = connection;
    return connection;
  }
}
