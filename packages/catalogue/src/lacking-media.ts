import {
  type AnnotationFileFound,
  type Dataset,
  type PartListing,
  type PartRule,
  partLabel,
  subsetNameOf,
} from "@shardmill/core";
import type { Candidates } from "./gather-candidates.ts";
import { placedPattern } from "./listed-files.ts";
import { pathPattern } from "./path-pattern.ts";

/** Subsets whose media the source had once and has no more, as the rule says. */
export function withdrawn(dataset: Dataset, rule: PartRule, { bySubset }: Candidates): PartListing[] {
  return Object.entries(rule.withdrawn ?? {}).flatMap(([name, reason]): PartListing[] => {
    const subset = subsetNameOf(dataset, name);
    const found = bySubset.get(subset);
    if (found !== undefined && found.files.size + found.pieces.size > 0) return [];
    return [lacking(rule, subset, { code: "part_absent", reason })];
  });
}

/**
 * Of a benchmark: subsets that there are questions of and no media. Nobody fetched them, or not all: the questions are not lost, and no
 * failure either.
 */
export function notFetched(
  dataset: Dataset,
  parts: readonly PartListing[],
  questions: readonly AnnotationFileFound[],
): PartListing[] {
  if (dataset.purpose !== "eval") return [];
  const known = new Set(parts.map(({ subset }) => subset));
  return dataset.parts.flatMap((rule) =>
    (rule.subsets ?? []).flatMap((name): PartListing[] => {
      const subset = subsetNameOf(dataset, name);
      const own = questions.filter((file) => file.subset === subset);
      if (known.has(subset) || own.length === 0) return [];
      known.add(subset);
      const files = [...new Set(own.map(({ file }) => file.path))].join(", ");
      const path = pathPattern(placedPattern(rule.path, rule.source)).fill({ subset: name });
      const reason = `${files} has questions, and there is no ${path} with what they ask about`;
      return [lacking(rule, subset, { code: "media_not_fetched", reason })];
    }),
  );
}

function lacking(
  { archive }: PartRule,
  subset: string | null,
  why: { readonly code: "part_absent" | "media_not_fetched"; readonly reason: string },
): PartListing {
  const id = { subset, part: 0 };
  return { kind: "absent", ...id, label: partLabel(id), archive, ...why };
}
