import { type Dataset, type Terms, termsOf } from "./dataset.ts";

/** What whoever builds a dataset should have agreed to. */
export interface Conditions {
  readonly license: string;
  /** Each once, in the order of the entry. */
  readonly lines: readonly string[];
  readonly url: string | null;
}

/**
 * Of a dataset that forbids commercial use or redistribution, whole or in a subset that has terms of its own; null of one that does
 * not. What is unknown is no condition: there is nothing to agree to.
 */
export function conditionsOf(dataset: Pick<Dataset, "license" | "terms" | "subsetTerms">): Conditions | null {
  const subsets = Object.keys(dataset.subsetTerms).map((subset) => ({
    subset,
    terms: termsOf(dataset, subset),
  }));
  const forbidding = subsets.filter(({ terms }) => forbids(terms));
  if (!forbids(dataset.terms) && forbidding.length === 0) return null;
  const own = forbids(dataset.terms) ? linesOf(dataset.terms) : [];
  const more = forbidding.map(
    ({ subset, terms }) => `${subset} (${terms.license}): ${linesOf(terms).join("; ")}`,
  );
  return {
    license: dataset.license,
    lines: [...new Set([...own, ...more])],
    url: dataset.terms.url ?? null,
  };
}

function forbids({ commercial, redistribution }: Terms): boolean {
  return commercial === "no" || redistribution === "no";
}

function linesOf({ commercial, redistribution, requires }: Terms): string[] {
  return [
    ...(commercial === "no" ? ["no commercial use"] : []),
    ...(redistribution === "no" ? ["no redistribution"] : []),
    ...requires,
  ];
}
