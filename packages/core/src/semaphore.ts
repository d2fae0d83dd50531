/** Gives the units back; calling it twice gives them back once. */
export type Release = () => void;

interface Waiter {
  readonly units: number;
  readonly admit: () => void;
  readonly refuse: (reason: unknown) => void;
}

interface Settle {
  readonly resolve: (release: Release) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Bounds what runs or is held at once, in units: bytes, connections, children. First come, first served, so that a large
 * request is not passed by small ones for ever; one that is larger than the whole capacity is let in alone, so that it can
 * pass at all. Every wait for a place in this process goes through it.
 */
export class Semaphore {
  readonly capacity: number;
  #used = 0;
  /** In the order in which they came. */
  readonly #waiting = new Set<Waiter>();
  #closedBy: Error | null = null;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get used(): number {
    return this.#used;
  }

  /** Nobody holds anything, and nobody waits for it. */
  get isIdle(): boolean {
    return this.#used === 0 && this.#waiting.size === 0;
  }

  /**
   * Waits until the units fit and everybody before has been let in. An abort ends the wait and takes nothing. Whoever waited
   * goes on before those who came later: no `await` in here may put one of them a step behind.
   */
  acquire(units: number, signal: AbortSignal): Promise<Release> {
    return new Promise((resolve, rejectAcquire) => {
      signal.throwIfAborted();
      const release = this.tryAcquire(units);
      if (release !== null) resolve(release);
      else this.#wait(units, signal, { resolve, reject: rejectAcquire });
    });
  }

  /** The same where nothing has to be waited for; else null. */
  tryAcquire(units: number): Release | null {
    if (!(units >= 0)) throw new RangeError(`expected units of 0 or more, found ${units}`);
    if (this.#closedBy !== null) throw this.#closedBy;
    if (this.#waiting.size > 0 || !this.#fits(units)) return null;
    this.#used += units;
    return this.#releaseOf(units);
  }

  /** Nobody is let in any more, and those who wait are told; what is held can be given back. */
  close(reason: Error): void {
    this.#closedBy ??= reason;
    for (const waiter of this.#waiting) waiter.refuse(reason);
    this.#waiting.clear();
  }

  #fits(units: number): boolean {
    return this.#used === 0 || this.#used + units <= this.capacity;
  }

  #wait(units: number, signal: AbortSignal, promise: Settle): void {
    const leave = (): void => {
      this.#waiting.delete(waiter);
      promise.reject(signal.reason);
      // Whoever came after may be smaller.
      this.#admit();
    };
    const waiter: Waiter = {
      units,
      admit: () => {
        signal.removeEventListener("abort", leave);
        promise.resolve(this.#releaseOf(units));
      },
      refuse: (reason) => {
        signal.removeEventListener("abort", leave);
        promise.reject(reason);
      },
    };
    signal.addEventListener("abort", leave, { once: true });
    this.#waiting.add(waiter);
  }

  /** Units are counted when a waiter is let in and not when it wakes: between the two others may come. */
  #admit(): void {
    for (const waiter of this.#waiting) {
      if (!this.#fits(waiter.units)) return;
      this.#waiting.delete(waiter);
      this.#used += waiter.units;
      waiter.admit();
    }
  }

  #releaseOf(units: number): Release {
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#used -= units;
      this.#admit();
    };
  }
}
