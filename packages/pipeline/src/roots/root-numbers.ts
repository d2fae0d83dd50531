import type { Dataset, PartId } from "@shardmill/core";

/** No source numbers its parts this high. */
const firstNumber = 9000;

/**
 * Media of the user's roots are parts of their own: one for each subset and each prefix that the catalogue's provenance
 * lists, numbered by its place there, so that a further root renumbers nothing. What no prefix of the catalogue speaks
 * of comes after the last.
 */
export function rootPartOf(dataset: Dataset, subset: string | null, prefix: string): PartId {
  const listed = dataset.provenance.findIndex((rule) => rule.prefix === prefix);
  return { subset, part: firstNumber + (listed < 0 ? dataset.provenance.length : listed) };
}
