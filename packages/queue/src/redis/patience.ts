import { Failure, systemClock } from "@shardmill/core";
import type { Redis } from "ioredis";
import { trialKey } from "./redis-keys.ts";
import { type Refusal, refusalOf, replyCode, unfit } from "./server-refusal.ts";
import { tryCommands } from "./try-commands.ts";

/** Between two looks at whether the server serves again. */
const lookEveryMs = 1_000;
/** What lasts is believed when it was met this often in a row: rights may be in the middle of being changed. */
const lastsWhenMet = 2;
/** A refusal that comes back this soon after every trial went well has not ended. */
const backWithinMs = 10_000;

type Listener = (why: string | null) => void;

/**
 * What an open queue does while the server answers and refuses: full, read-only after a failover, loading again. As with a
 * server that is away, whoever asks waits, and it is said once when that begins and once when it ends. A server that takes writes and
 * refuses its user a command (or has become a cluster) will go on like that: `lasting` ends the waits of those who cannot.
 */
export class Patience {
  readonly #redis: Redis;
  readonly #address: string;
  readonly #prefix: string;
  readonly #closed = new AbortController();
  readonly #listeners = new Set<Listener>();
  #refusal: Refusal | null = null;
  #waiting: Promise<void> | null = null;
  #lasts = new AbortController();
  #lasting = AbortSignal.any([this.#closed.signal, this.#lasts.signal]);
  #ended: { readonly what: string; readonly at: number } | null = null;

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

  /** Why it refuses now, in one line; null where it does not. */
  get refusal(): string | null {
    return this.#refusal === null ? null : unfit(this.#address, this.#refusal).message;
  }

  /** Aborted with a `queue_unfit` while the server refuses for a reason that does not pass by itself, and when it is closed. */
  get lasting(): AbortSignal {
    return this.#lasting;
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

  /**
   * Asks whether the server takes what the queue needs, for somebody who only reads and should know when nobody else can
   * write. Fails with `queue_unfit` where waiting is of no use.
   */
  async look(): Promise<void> {
    const refusal = this.#refusal === null ? await this.#asked() : null;
    if (refusal !== null) this.#begin(refusal);
    this.#lasts.signal.throwIfAborted();
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
      const ended = this.#ended;
      const isBack = ended?.what === refusal.what && performance.now() - ended.at < backWithinMs;
      if (isBack && refusal.lasts === true) this.#lasts.abort(unfit(this.#address, refusal));
    }
    this.#waiting ??= this.#watch(this.#refusal);
    this.#waiting.catch(() => {});
  }

  async #watch({ what }: Refusal): Promise<void> {
    for (let met = 0; ; ) {
      await systemClock.sleep(lookEveryMs, this.#closed.signal);
      const found = await this.#asked();
      if (found === null) break;
      met = found.lasts === true ? met + 1 : 0;
      if (met >= lastsWhenMet) this.#lasts.abort(unfit(this.#address, found));
    }
    this.#refusal = null;
    this.#waiting = null;
    this.#ended = { what, at: performance.now() };
    if (this.#lasts.signal.aborted) {
      this.#lasts = new AbortController();
      this.#lasting = AbortSignal.any([this.#closed.signal, this.#lasts.signal]);
    }
    for (const tell of this.#listeners) tell(null);
  }

  /** What the server refuses of what the queue needs, a plain write first; null where all of it is taken. */
  async #asked(): Promise<Refusal | null> {
    try {
      await this.#redis.set(trialKey(this.#prefix), "1", "PX", 1_000);
    } catch (error) {
      const refusal = refusalOf(error);
      // Without any writes it is no matter of one command: a failover does this, and so does whoever changes all rights.
      return refusal === null ? null : { ...refusal, lasts: false };
    }
    try {
      return await tryCommands(this.#redis, this.#prefix);
    } catch (error) {
      return refusalOf(error);
    }
  }
}
