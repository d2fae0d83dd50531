import { type Dataset, type Terms, termsOf } from "@shardmill/core";
import { addSums, noSums, type OutputFacts, type Sums } from "../facts/output-facts.ts";

/** What may be done with the samples of an output, or of a subset of it. Unknown never counts as yes. */
export interface TermsRow {
  readonly dataset: string;
  /** Null: of all of the output. */
  readonly subset: string | null;
  readonly terms: Terms & { readonly license: string };
  readonly sums: Sums;
}

/**
 * The terms of an output's samples, by subset where subsets differ, else in one row. `dataset` is the catalogue's entry as it is now,
 * with what the user knows of its terms: those are no part of what was built.
 */
export function outputTerms(
  { name, subsets }: Pick<OutputFacts, "name" | "subsets">,
  dataset: Pick<Dataset, "license" | "terms" | "subsetTerms">,
): TermsRow[] {
  const rows = subsets.map(({ subset, sums }) => ({
    dataset: name,
    subset,
    terms: termsOf(dataset, subset),
    sums,
  }));
  const [first] = rows;
  if (first === undefined) return [];
  const isOne = rows.every(({ terms }) => JSON.stringify(terms) === JSON.stringify(first.terms));
  return isOne
    ? [{ ...first, subset: null, sums: rows.map(({ sums }) => sums).reduce(addSums, noSums) }]
    : rows;
}
