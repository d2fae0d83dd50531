import { Failure, type PartPlan, partLabel } from "@shardmill/core";
import { isOfPlan } from "../books/valid-manifest.ts";
import type { BuildContext } from "../context/build-context.ts";
import { mustBeUnchanged } from "./unchanged-source.ts";

/** A shard as it was asked for. */
interface OfPlan {
  readonly plan: PartPlan;
  readonly shard: string;
  readonly range: number | null;
}

/**
 * Neither the part's plan nor its source may have changed since this shard was begun. A worker that was thought dead may
 * come to this point long after another plan was made.
 */
export async function mustBeOfNow(context: BuildContext, order: OfPlan, signal: AbortSignal): Promise<void> {
  const { plan, range } = order;
  const now = await context.records.readPlan(plan);
  const isSame =
    now !== null &&
    now.isBeingReplaced !== true &&
    now.contentId === plan.contentId &&
    now.recipeHash === plan.recipeHash &&
    (range === null || plan.ranges[range] === undefined
      ? now.annotationsId === plan.annotationsId
      : now.ranges[range]?.digest === plan.ranges[range].digest);
  if (!isSame) throw replanned(order);
  await mustBeUnchanged(context, plan, range, signal);
}

export function replanned({ plan, shard }: OfPlan): Failure {
  return new Failure("record_invalid", `part ${partLabel(plan)} was planned anew meanwhile`, {
    where: { dataset: plan.dataset, part: partLabel(plan), shard },
    retry: "later",
  });
}

/** What a late worker of an earlier plan committed is in the way of the right one. */
export async function isOfAnotherPlan({ records }: BuildContext, { shard, plan }: OfPlan): Promise<boolean> {
  const found = await records.readManifest(shard);
  return found.kind === "ok" && !isOfPlan(found.value, plan);
}
