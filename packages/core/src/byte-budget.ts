/**
 * Bounds memory in bytes: `take` waits until the bytes fit. Something larger than the whole budget is let in alone,
 * so that it can pass at all. First come, first served.
 */
export class ByteBudget {
  readonly limitBytes: number;
  #used = 0;
  readonly #waiting: { bytes: number; admit: () => void }[] = [];

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#used;
  }

  /** Resolves to the function that gives the bytes back; calling it twice gives them back once. */
  async take(bytes: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#waiting.length > 0 || !this.#fits(bytes)) await this.#wait(bytes, signal);
    else this.#used += bytes;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#used -= bytes;
      this.#admit();
    };
  }

  #fits(bytes: number): boolean {
    return this.#used === 0 || this.#used + bytes <= this.limitBytes;
  }

  #wait(bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, rejectTake) => {
      const leave = (): void => {
        const at = this.#waiting.indexOf(place);
        if (at >= 0) this.#waiting.splice(at, 1);
        rejectTake(signal.reason);
        this.#admit();
      };
      const place = {
        bytes,
        admit: () => {
          signal.removeEventListener("abort", leave);
          resolve();
        },
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.push(place);
    });
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#used += next.bytes;
      next.admit();
    }
  }
}
