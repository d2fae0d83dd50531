interface Waiter {
  readonly host: string;
  readonly admit: () => void;
}

/** How many links are under way at once, of one host and of all. First come, first served, but a full host holds up no other. */
export class HostSlots {
  readonly #limits: { readonly perHost: number; readonly atOnce: number };
  readonly #busy = new Map<string, number>();
  readonly #waiting = new Set<Waiter>();
  #total = 0;

  constructor(limits: { readonly perHost: number; readonly atOnce: number }) {
    this.#limits = limits;
  }

  /** Resolves to the function that leaves; calling it twice leaves once. */
  async enter(host: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#isFree(host)) this.#take(host, 1);
    else await this.#wait(host, signal);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      this.#take(host, -1);
      this.#admit();
    };
  }

  #wait(host: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, rejectEnter) => {
      const leave = (): void => {
        this.#waiting.delete(waiter);
        rejectEnter(signal.reason);
      };
      const waiter = {
        host,
        admit: () => {
          signal.removeEventListener("abort", leave);
          resolve();
        },
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.add(waiter);
    });
  }

  #isFree(host: string): boolean {
    return this.#total < this.#limits.atOnce && (this.#busy.get(host) ?? 0) < this.#limits.perHost;
  }

  #take(host: string, change: 1 | -1): void {
    this.#total += change;
    const busy = (this.#busy.get(host) ?? 0) + change;
    if (busy === 0) this.#busy.delete(host);
    else this.#busy.set(host, busy);
  }

  #admit(): void {
    for (const waiter of this.#waiting) {
      if (!this.#isFree(waiter.host)) continue;
      this.#waiting.delete(waiter);
      this.#take(waiter.host, 1);
      waiter.admit();
    }
  }
}
