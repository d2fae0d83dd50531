import { type BuildRecord, type PartPlan, partLabel } from "@shardmill/core";
import type { PathProblem } from "./path-verdict.ts";

const mostNamed = 5;

/**
 * Parts that were planned from different contents of one annotation file: shards of old and of new captions lie side by
 * side. Of parts that nothing was made of, or that the source no longer has and that so cannot be made again, none is
 * asked: the caller leaves their plans out. Plans of 0.1 tell only one identity for all their files, which is compared within a subset.
 */
export function differingAnnotations(plans: readonly PartPlan[]): PathProblem[] {
  const byFile = new Map<string, Map<string, string[]>>();
  for (const plan of plans) {
    const files = plan.annotationFiles ?? [
      { path: `the annotations of ${plan.subset ?? "all parts"}`, content: plan.annotationsId },
    ];
    for (const { path, content } of files) {
      const contents = byFile.get(path) ?? new Map<string, string[]>();
      contents.set(content, [...(contents.get(content) ?? []), partLabel(plan)]);
      byFile.set(path, contents);
    }
  }
  return [...byFile]
    .filter(([, contents]) => contents.size > 1)
    .map(([path, contents]) => {
      const groups = [...contents.values()].map(named).join(" | ");
      const detail = `parts were made from different contents of ${path}: ${groups}; retry --stale makes what differs again`;
      return { shard: null, part: null, code: "annotations_differ", detail };
    });
}

/** Parts whose shards are of another recipe than the build has now, as a rebuild of some parts leaves the others. */
export function differingRecipes(build: BuildRecord | null, plans: readonly PartPlan[]): PathProblem[] {
  const others = plans.filter(({ recipeHash }) => build !== null && recipeHash !== build.recipeHash);
  if (others.length === 0) return [];
  const detail = `of another recipe than the build's: ${named(others.map(partLabel))}; retry --stale makes them again`;
  return [{ shard: null, part: null, code: "recipes_differ", detail }];
}

function named(labels: readonly string[]): string {
  const some = labels.slice(0, mostNamed).join(", ");
  return labels.length > mostNamed ? `${some} and ${labels.length - mostNamed} more` : some;
}
