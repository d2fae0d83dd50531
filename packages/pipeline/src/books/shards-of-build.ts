import { type BuildRecord, type Manifest, partLabel } from "@shardmill/core";
import type { Books } from "./read-books.ts";
import { isOfPlan } from "./valid-manifest.ts";

/** Of these manifests those that are of the build: what a late worker of an earlier plan has left is no shard of it. */
export function shardsOfBuild(
  build: Pick<BuildRecord, "recipeHash">,
  { plans, manifests }: Pick<Books, "plans" | "manifests">,
): Manifest[] {
  const planOf = new Map(plans.map((plan) => [partLabel(plan), plan]));
  return manifests.filter((manifest) => {
    const plan = planOf.get(partLabel(manifest));
    return manifest.recipeHash === build.recipeHash && (plan === undefined || isOfPlan(manifest, plan));
  });
}
