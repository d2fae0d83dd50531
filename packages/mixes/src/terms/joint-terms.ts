import type { Terms } from "@shardmill/core";
import { addSums, noSums, type Sums } from "../facts/output-facts.ts";
import type { TermsRow } from "./output-terms.ts";

type Known = Terms["commercial"];

/** What holds of several sets together: the least that any of them allows, and all that any of them asks for. */
export interface JointTerms {
  readonly commercial: Known;
  readonly redistribution: Known;
  /** What is asked for, with the names of the sets that ask. */
  readonly requires: readonly { readonly text: string; readonly sets: readonly string[] }[];
}

export function jointTerms(rows: readonly TermsRow[]): JointTerms {
  const asked = new Map<string, Set<string>>();
  for (const row of rows)
    for (const text of row.terms.requires) asked.set(text, (asked.get(text) ?? new Set()).add(rowName(row)));
  return {
    commercial: least(rows.map(({ terms }) => terms.commercial)),
    redistribution: least(rows.map(({ terms }) => terms.redistribution)),
    requires: [...asked].map(([text, sets]) => ({ text, sets: [...sets] })),
  };
}

function least(all: readonly Known[]): Known {
  if (all.includes("no")) return "no";
  return all.includes("unknown") || all.length === 0 ? "unknown" : "yes";
}

/** What a purpose costs: what must go, what stays. */
export interface PurposeCost {
  /** Its terms say no. */
  readonly forbidden: readonly TermsRow[];
  /** Nobody knows: it goes until somebody does. */
  readonly unknown: readonly TermsRow[];
  readonly kept: readonly TermsRow[];
  readonly goes: Sums;
  readonly stays: Sums;
}

export function commercialCost(rows: readonly TermsRow[]): PurposeCost {
  const of = (known: Known): TermsRow[] => rows.filter(({ terms }) => terms.commercial === known);
  const sum = (some: readonly TermsRow[]): Sums => some.map(({ sums }) => sums).reduce(addSums, noSums);
  const [forbidden, unknown, kept] = [of("no"), of("unknown"), of("yes")];
  return { forbidden, unknown, kept, goes: sum([...forbidden, ...unknown]), stays: sum(kept) };
}

/** `the-cauldron/ai2d`, or the set's name alone. */
export function rowName({ dataset, subset }: Pick<TermsRow, "dataset" | "subset">): string {
  return subset === null ? dataset : `${dataset}/${subset}`;
}
