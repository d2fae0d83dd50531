/** How often it is looked at, and how much of that time children must have been at work for one more to be worth its beginning. */
const windowMs = 1_000;
const worthwhile = 0.7;

/**
 * How many children are wanted. One takes a second of a core to begin and has the tokens of a thousand conversations by then: beside
 * pictures one is mostly enough, and of texts alone there is work for all. So a further one is wanted once those that there are have
 * hardly rested for a second, which one that does not end sees to as well.
 */
export class Demand {
  readonly #most: number;
  readonly #rises: () => void;
  #wanted = 1;
  #working = 0;
  /** Child milliseconds of work in this window, up to `#at`. */
  #worked = 0;
  #at = 0;
  #window: NodeJS.Timeout | null = null;

  /** `rises` is called when one more than before is wanted. */
  constructor(most: number, rises: () => void) {
    this.#most = most;
    this.#rises = rises;
  }

  get wanted(): number {
    return this.#wanted;
  }

  /** A child that is up has something to do from now on. What is returned says that it has not any more. */
  work(): () => void {
    this.#count(1);
    this.#window ??= this.#open();
    return () => this.#count(-1);
  }

  /** So many children are left, as nobody needed more for a while. */
  falls(left: number): void {
    this.#wanted = Math.min(this.#wanted, Math.max(1, left));
  }

  close(): void {
    clearTimeout(this.#window ?? undefined);
  }

  #open(): NodeJS.Timeout {
    this.#worked = 0;
    const begun = this.#at;
    return setTimeout(() => {
      this.#count(0);
      const share = this.#worked / (this.#at - begun) / this.#wanted;
      this.#window = this.#working > 0 ? this.#open() : null;
      if (share < worthwhile || this.#wanted >= this.#most) return;
      this.#wanted += 1;
      this.#rises();
    }, windowMs).unref();
  }

  #count(change: number): void {
    const now = performance.now();
    this.#worked += this.#working * (now - this.#at);
    this.#at = now;
    this.#working += change;
  }
}
