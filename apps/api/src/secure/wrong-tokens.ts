/** Addresses that are remembered at a time; whoever has more of them is not kept out by counting. */
const mostAddresses = 10_000;
const windowMs = 60_000;

/**
 * How often each address has asked without the right token. The right one is always taken: behind a proxy, or on one
 * machine, an old tab shares its address with everybody else, and a token of 16 characters is not found by asking.
 */
export class WrongTokens {
  readonly #most: number;
  readonly #addresses = new Map<string, { count: number; readonly endsAt: number }>();

  constructor(mostPerMinute: number) {
    this.#most = mostPerMinute;
  }

  /** Counts one more; seconds to wait where there have been too many, else null. */
  count(address: string, at: number): number | null {
    const known = this.#addresses.get(address);
    if (known === undefined || known.endsAt <= at) {
      this.#addresses.delete(address);
      this.#addresses.set(address, { count: 1, endsAt: at + windowMs });
      if (this.#addresses.size > mostAddresses) this.#forgetOldest();
      return null;
    }
    known.count += 1;
    return known.count <= this.#most ? null : Math.ceil((known.endsAt - at) / 1_000);
  }

  #forgetOldest(): void {
    for (const address of this.#addresses.keys()) {
      this.#addresses.delete(address);
      return;
    }
  }
}
