import { Failure, type Manifest, type PartId, type PartPlan, partLabel } from "@shardmill/core";
import { annotationIdentityOf } from "../annotations/annotation-identity.ts";
import { isAsPlanned } from "../books/as-planned.ts";
import type { BuildContext } from "../context/build-context.ts";
import { recordedPart } from "../context/part-source.ts";
import { earlierIdOf } from "./earlier-parts.ts";
import { contentIdOf } from "./part-content.ts";

/** True when the plan is of the content, the annotations and the recipe that there are now. */
export async function isPlanCurrent(
  context: BuildContext,
  id: PartId,
  plan: PartPlan,
  signal: AbortSignal,
): Promise<boolean> {
  if (plan.isBeingReplaced === true || plan.recipeHash !== context.build.recipeHash) return false;
  const part = recordedPart(context, id);
  if (part.archive !== plan.archive) return false;
  // Media of the user's roots are in no listing: their own files are looked at when they are read.
  if (part.archive !== "roots" && !isAsPlanned(part, plan))
    if ((await contentIdOf(context, part, signal)) !== plan.contentId) return false;
  if (plan.earlier !== undefined && (await earlierIdOf(context, part, signal)) !== plan.earlier) return false;
  return (await annotationIdentityOf(context, id.subset, signal)).id === plan.annotationsId;
}

export function staleFailure(
  { dataset }: BuildContext,
  id: PartId,
  committed: Manifest | undefined,
  plan: PartPlan,
): Failure {
  const where = { dataset: dataset.name, part: partLabel(id) };
  if (committed?.recipeHash !== plan.recipeHash) {
    return new Failure("recipe_changed", `part ${partLabel(id)} has shards of another recipe`, { where });
  }
  return new Failure(
    "source_changed",
    `part ${partLabel(id)} has shards of other content or annotations than the source has now`,
    { where },
  );
}
