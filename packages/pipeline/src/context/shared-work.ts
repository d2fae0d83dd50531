import { unlessAborted } from "@shardmill/core";

/** Work that several callers wait for: done once, and given up only when the last of them has left. */
export class SharedWork<T> {
  readonly #stop = new AbortController();
  readonly #done: Promise<T>;
  #waiting = 0;
  #state: "under way" | "done" | "lost" = "under way";

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#done = work(this.#stop.signal);
    this.#done.then(
      () => {
        if (this.#state === "under way") this.#state = "done";
      },
      () => {
        this.#state = "lost";
      },
    );
  }

  /** It failed or was given up: whoever comes now has to begin anew. */
  get isLost(): boolean {
    return this.#state === "lost";
  }

  /** What the work gives, or throws; throws the caller's own reason as soon as its signal aborts. */
  async join(signal: AbortSignal): Promise<T> {
    this.#waiting += 1;
    try {
      return await unlessAborted(this.#done, signal);
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0 && this.#state === "under way") {
        this.#state = "lost";
        this.#stop.abort();
      }
    }
  }

  /** What the work gave, once it has ended; null where it failed. For those who tidy up after it. */
  result(): Promise<T | null> {
    return this.#done.catch(() => null);
  }
}
