import type { Cause, RelatedPair } from "./compared-set.ts";

/** A pair with all that it is related by. */
export interface NearPair extends Pick<RelatedPair, "a" | "b" | "distances"> {
  readonly by: readonly Cause[];
}

interface Ranked {
  readonly rank: number;
  readonly pair: NearPair;
}

/** Of all pairs that come by the nearest few: clips by the bits that differ, the same pictures before them, those of a group last. */
export class NearestPairs {
  readonly #most: number;
  #ranked: Ranked[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add({ by, a, b, distances }: RelatedPair): void {
    const rank = rankOf(by, distances);
    const known = this.#ranked.find(({ pair }) => pair.a.key === a.key && pair.b.key === b.key);
    if (known === undefined && this.#ranked.length === this.#most && rank >= (this.#ranked.at(-1)?.rank ?? 0))
      return;
    const pair = { a, b, by: [...(known?.pair.by ?? []), by], distances: known?.pair.distances ?? distances };
    this.#ranked = [
      ...this.#ranked.filter((one) => one !== known),
      { rank: Math.min(rank, known?.rank ?? rank), pair },
    ]
      .sort((one, other) => one.rank - other.rank)
      .slice(0, this.#most);
  }

  get pairs(): readonly NearPair[] {
    return this.#ranked.map(({ pair }) => pair);
  }
}

/** A frame without a vote counts as one that differs wholly. */
function rankOf(by: Cause, distances: RelatedPair["distances"]): number {
  if (by === "picture") return 0;
  if (by === "group" || distances === null) return Number.POSITIVE_INFINITY;
  return distances.reduce<number>((sum, distance) => sum + (distance ?? 64), 0);
}
