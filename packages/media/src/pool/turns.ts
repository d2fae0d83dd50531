/** A bounded set of things lent out one call at a time, first come first served. */
export class Turns<T> {
  readonly #free: T[];
  readonly #waiting: { resolve: (item: T) => void; reject: (reason: unknown) => void }[] = [];
  #closedBy: Error | null = null;

  constructor(items: readonly T[]) {
    this.#free = [...items];
  }

  async take(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (this.#closedBy !== null) throw this.#closedBy;
    const item = this.#free.pop();
    if (item !== undefined) return item;
    return await new Promise<T>((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal.reason);
      };
      const waiter = {
        resolve: (given: T) => {
          signal.removeEventListener("abort", leave);
          resolve(given);
        },
        reject,
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.push(waiter);
    });
  }

  give(item: T): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(item);
    else next.resolve(item);
  }

  /** Nobody gets a turn any more; those who wait are told. */
  close(reason: Error): void {
    this.#closedBy = reason;
    for (const waiter of this.#waiting.splice(0)) waiter.reject(reason);
  }
}
