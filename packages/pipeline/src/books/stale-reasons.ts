import { type BuildRecord, type Code, type PartPlan, termsOf } from "@shardmill/core";
import { isAsPlanned } from "./as-planned.ts";

export interface StaleReason {
  readonly code: Code;
  readonly detail: string;
}

/**
 * Why a part's plan is not what the source has now, from the records alone: nothing where it is. A plan of 0.1 did not
 * record its annotation files, so that of it only this much is known: that they are others.
 */
export function staleReasons(
  part: BuildRecord["parts"][number],
  build: BuildRecord,
  plan: PartPlan,
): StaleReason[] {
  const reasons: StaleReason[] = [];
  if (plan.recipeHash !== build.recipeHash)
    reasons.push({ code: "recipe_changed", detail: "the recipe changed" });
  const now = part.now;
  if (now !== null && now.contentId !== plan.contentId)
    reasons.push({ code: "source_changed", detail: changedContent(part, build, plan) });
  if (now !== null && now.annotationsId !== plan.annotationsId)
    reasons.push({ code: "source_changed", detail: changedAnnotations(part, build, plan) });
  if (now !== null && plan.earlier !== undefined && now.earlier !== plan.earlier)
    reasons.push({
      code: "source_changed",
      detail: "parts that come before it, and may hold its videos, changed",
    });
  if (plan.isBeingReplaced === true && reasons.length === 0)
    reasons.push({ code: "source_changed", detail: "it was being planned anew, and that was stopped" });
  return reasons;
}

const mostNamed = 3;

/** The licence of a subset is written into its samples, and no file tells it. */
function changedContent(
  part: BuildRecord["parts"][number],
  { dataset }: BuildRecord,
  plan: PartPlan,
): string {
  const { license } = termsOf(dataset, part.subset);
  if (isAsPlanned(part, plan) && license !== (plan.license ?? dataset.license))
    return `its licence changed to ${license}`;
  return `${changedFiles(part, plan)} changed`;
}

function changedFiles({ archive, pieces }: BuildRecord["parts"][number], plan: PartPlan): string {
  const planned = new Map(plan.pieces.map((piece) => [piece.path, piece]));
  const listed = new Set(pieces.map(({ path }) => path));
  const others = [
    ...pieces.filter((piece) => {
      const before = planned.get(piece.path);
      return (
        before === undefined || !isAsPlanned({ archive, pieces: [piece] }, { archive, pieces: [before] })
      );
    }),
    ...plan.pieces.filter(({ path }) => !listed.has(path)),
  ].map(({ path }) => path);
  const names = others.length > 0 ? others : plan.pieces.map(({ path }) => path);
  return named(names);
}

function changedAnnotations(
  { subset }: BuildRecord["parts"][number],
  build: BuildRecord,
  plan: PartPlan,
): string {
  const before = new Map(plan.annotationFiles?.map(({ path, content }) => [path, content]));
  const found = build.annotationFiles.filter((file) => file.subset === null || file.subset === subset);
  const changed = found.filter(({ file, content }) => before.get(file.path) !== content);
  const names = new Set(found.map(({ file }) => file.path));
  const gone = [...before.keys()].filter((path) => !names.has(path));
  if (plan.annotationFiles === null || changed.length + gone.length === 0)
    return "the annotations, or what the catalogue says of them, changed";
  return [
    ...(changed.length > 0 ? [`${named(changed.map(({ file }) => file.path))} changed`] : []),
    ...(gone.length > 0 ? [`${named(gone)} is no longer there`] : []),
  ].join("; ");
}

function named(paths: readonly string[]): string {
  const some = paths.slice(0, mostNamed).join(", ");
  return paths.length > mostNamed ? `${some} and ${paths.length - mostNamed} more files` : some;
}
