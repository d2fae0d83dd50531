import { Failure, systemClock } from "@shardmill/core";
import type { Redis } from "ioredis";
import { trialKey } from "./redis-keys.ts";
import { type Refusal, refusalOf, replyCode, unfit } from "./server-refusal.ts";

/** Between two looks at whether the server serves again. */
const lookEveryMs = 1_000;

type Listener = (why: string | null) => void;

/**
 * What an open queue does while the server answers and refuses: full, read-only after a failover, loading again. As with a
 * server that is away, whoever asks waits, and it is said once when that begins and once when it ends.
 */
export class Patience {
  readonly #redis: Redis;
  readonly #address: string;
  readonly #prefix: string;
  readonly #closed = new AbortController();
  readonly #listeners = new Set<Listener>();
  #refusal: Refusal | null = null;
  #waiting: Promise<void> | null = null;

  constructor(redis: Redis, options: { address: string; prefix: string; onRefusal: Listener | undefined }) {
    this.#redis = redis;
    this.#address = options.address;
    this.#prefix = options.prefix;
    if (options.onRefusal !== undefined) this.#listeners.add(options.onRefusal);
  }

  /** Whether the server refuses now, as far as it has been heard. */
  get isRefused(): boolean {
    return this.#refusal !== null;
  }

  /** Told why the server refuses when that begins, and null when it has ended. Returns how to stop listening. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Does it, again and again while the server refuses: for what may be done twice. Other errors are thrown on. */
  async through<T>(ask: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(await this.hear(error))) throw error;
        await this.untilServed(signal);
      }
    }
  }

  /**
   * Whether an error is the server's refusal. Older servers wrap what a script met into an ERR of their own, and a
   * transaction tells only that it failed: then a plain command is asked what is the matter.
   */
  async hear(error: unknown): Promise<boolean> {
    const code = replyCode(error);
    if (code === null || this.#closed.signal.aborted) return false;
    const refusal = refusalOf(error) ?? (await this.#asked());
    if (refusal === null) return false;
    this.#begin(refusal);
    return true;
  }

  /** Asks whether the server takes writes, for somebody who only reads and should know when nobody else can write. */
  async look(): Promise<void> {
    const refusal = this.#refusal === null ? await this.#asked() : null;
    if (refusal !== null) this.#begin(refusal);
  }

  /** Resolves when the server serves again, at once where it does. */
  async untilServed(signal?: AbortSignal): Promise<void> {
    if (this.#waiting === null) return;
    const given = signal ?? this.#closed.signal;
    given.throwIfAborted();
    let stop = (): void => {};
    const stopped = new Promise<never>((_, fail) => {
      stop = () => fail(given.reason);
      given.addEventListener("abort", stop, { once: true });
    });
    await Promise.race([this.#waiting, stopped]).finally(() => given.removeEventListener("abort", stop));
  }

  close(): void {
    this.#listeners.clear();
    this.#closed.abort(new Failure("queue_unreachable", "the queue was closed while Redis refused"));
  }

  #begin(refusal: Refusal): void {
    if (this.#refusal === null) {
      this.#refusal = refusal;
      for (const tell of this.#listeners) tell(unfit(this.#address, refusal).message);
    }
    this.#waiting ??= this.#watch();
    this.#waiting.catch(() => {});
  }

  async #watch(): Promise<void> {
    do await systemClock.sleep(lookEveryMs, this.#closed.signal);
    while ((await this.#asked()) !== null);
    this.#refusal = null;
    this.#waiting = null;
    for (const tell of this.#listeners) tell(null);
  }

  /** What a plain write is refused for; null where it is taken. */
  async #asked(): Promise<Refusal | null> {
    try {
      await this.#redis.set(trialKey(this.#prefix), "1", "PX", 1_000);
      return null;
    } catch (error) {
      return refusalOf(error);
    }
  }
}
