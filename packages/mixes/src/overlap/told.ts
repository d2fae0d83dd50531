import { type Cause, causes } from "./compared-set.ts";

const bitOf: Readonly<Record<Cause, number>> = { group: 1, picture: 2, fingerprint: 4 };

/** Which samples of a set have been told of, and why: a byte for each. */
export class Told {
  #causes = new Uint8Array(1 << 12);

  has(sample: number, cause: Cause): boolean {
    return ((this.#causes[sample] ?? 0) & bitOf[cause]) !== 0;
  }

  add(sample: number, cause: Cause): void {
    if (sample >= this.#causes.length) {
      const grown = new Uint8Array(Math.max(sample + 1, 2 * this.#causes.length));
      grown.set(this.#causes);
      this.#causes = grown;
    }
    this.#causes[sample] = (this.#causes[sample] ?? 0) | bitOf[cause];
  }

  /** Of the samples from one number to before another: how many were told of, by each cause and at all. */
  count(from: number, end: number): Record<Cause | "any", number> {
    const counts = { any: 0, group: 0, picture: 0, fingerprint: 0 };
    for (let at = from; at < end; at += 1) {
      const bits = this.#causes[at] ?? 0;
      if (bits !== 0) counts.any += 1;
      for (const cause of causes) if ((bits & bitOf[cause]) !== 0) counts[cause] += 1;
    }
    return counts;
  }
}
