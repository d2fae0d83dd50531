import type { Json } from "@shardmill/core";

/** Passes on the first value at once, then at most one per interval, and never loses the last one before `flush`. */
export class ProgressTeller {
  readonly #everyMs: number;
  readonly #tell: (progress: Json) => void;
  #pending: { readonly progress: Json } | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(everyMs: number, tell: (progress: Json) => void) {
    this.#everyMs = everyMs;
    this.#tell = tell;
  }

  progress(progress: Json): void {
    if (this.#timer === null) {
      this.#tell(progress);
      this.#timer = setTimeout(() => this.#next(), this.#everyMs);
    } else this.#pending = { progress };
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#pending !== null) this.#tell(this.#pending.progress);
    this.#pending = null;
  }

  #next(): void {
    this.#timer = null;
    if (this.#pending === null) return;
    const { progress } = this.#pending;
    this.#pending = null;
    this.progress(progress);
  }
}
