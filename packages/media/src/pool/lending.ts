import { type Release, Semaphore } from "@shardmill/core";

/** A bounded set of things lent out one call at a time, first come first served. */
export class Lending<T> {
  readonly #free: T[];
  readonly #places: Semaphore;

  constructor(items: readonly T[]) {
    this.#free = [...items];
    this.#places = new Semaphore(items.length);
  }

  async take(signal: AbortSignal): Promise<{ readonly item: T; readonly giveBack: Release }> {
    const release = await this.#places.acquire(1, signal);
    const [item] = this.#free.splice(-1);
    if (item === undefined) throw new Error("a place was given without a thing to lend");
    let isLent = true;
    const giveBack = (): void => {
      if (!isLent) return;
      isLent = false;
      this.#free.push(item);
      release();
    };
    return { item, giveBack };
  }

  /** Nothing is lent any more; those who wait are told. */
  close(reason: Error): void {
    this.#places.close(reason);
  }
}
