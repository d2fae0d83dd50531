import type { Clock } from "@shardmill/core";

/** Answers that are good for a moment: whoever asks meanwhile is given the same one, and what went wrong is kept for nobody. */
export class KeptAnswers<T> {
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #kept = new Map<string, { readonly at: number; readonly answer: Promise<T> }>();

  constructor(clock: Clock, ttlMs: number) {
    this.#clock = clock;
    this.#ttlMs = ttlMs;
  }

  of(key: string, ask: () => Promise<T>): Promise<T> {
    const kept = this.#kept.get(key);
    if (kept !== undefined && this.#clock.now() - kept.at < this.#ttlMs) return kept.answer;
    const made = { at: this.#clock.now(), answer: ask() };
    this.#kept.set(key, made);
    made.answer.catch(() => {
      if (this.#kept.get(key) === made) this.#kept.delete(key);
    });
    return made.answer;
  }

  forget(key: string): void {
    this.#kept.delete(key);
  }
}
