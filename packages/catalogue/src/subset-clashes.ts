import { type SubsetClash, subsetWord } from "@shardmill/core";
import type { Candidates } from "./gather-candidates.ts";

/** Gathers what the source's paths call each subset, and tells which subsets would fall together. */
export class SubsetSpellings {
  readonly #bySubset = new Map<string, Set<string>>();

  add({ bySubset }: Candidates): void {
    for (const [subset, { spellings }] of bySubset) {
      if (subset === null) continue;
      const known = this.#bySubset.get(subset) ?? new Set();
      for (const spelling of spellings) known.add(spelling);
      this.#bySubset.set(subset, known);
    }
  }

  /**
   * Subsets whose labels would begin with the same word (`AI2D` and `ai2d`), and those that two spellings of the source
   * come to, so that nobody could say which of the two is meant.
   */
  clashes(): SubsetClash[] {
    const byWord = new Map<string, string[]>();
    for (const subset of this.#bySubset.keys()) {
      const word = subsetWord(subset);
      byWord.set(word, [...(byWord.get(word) ?? []), subset]);
    }
    return [...byWord].flatMap(([word, subsets]) => {
      const sources = subsets.flatMap((subset) => {
        const spellings = [...(this.#bySubset.get(subset) ?? [])];
        // One that only the catalogue knows has a label too.
        return spellings.length > 0 ? spellings : [subset];
      });
      return sources.length > 1 ? [{ word, sources, subsets }] : [];
    });
  }
}
