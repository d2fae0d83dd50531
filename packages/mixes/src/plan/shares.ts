/** What a set counts for among the sets of a mix. */
export interface Weighed {
  readonly role: "set" | "text";
  readonly weight: number | "natural";
  readonly samples: number;
}

/**
 * The share of each in all samples that a reader draws: the text's as it is given, of the rest each set's by its weight. Zeros where
 * the weights sum to nothing.
 */
export function sharesOf(sets: readonly Weighed[], textShare: number): number[] {
  const counts = sets.map(({ role, weight, samples }) =>
    role === "text" || samples === 0 ? 0 : weight === "natural" ? samples : weight,
  );
  const sum = counts.reduce((total, count) => total + count, 0);
  return sets.map(({ role }, index) => {
    if (role === "text") return textShare;
    return sum === 0 ? 0 : ((counts[index] ?? 0) / sum) * (1 - textShare);
  });
}
