import { partLabel } from "@shardmill/core";
import { writeDatasetIndexes } from "@shardmill/shards";
import { type BuildStatus, noQueue, readStatus } from "../books/read-status.ts";
import { isOfPlan } from "../books/valid-manifest.ts";
import type { BuildContext } from "../context/build-context.ts";

/** The end of a build: the lists and indexes that readers ask for are published, from the records alone. */
export async function sealBuild({
  records,
  build,
}: Pick<BuildContext, "records" | "build">): Promise<BuildStatus> {
  const plans = new Map((await records.listPlans()).map((plan) => [partLabel(plan), plan]));
  const manifests = (await records.listManifests()).filter((manifest) => {
    const plan = plans.get(partLabel(manifest));
    // What a late worker of an earlier plan has left is no shard of this dataset.
    return manifest.recipeHash === build.recipeHash && (plan === undefined || isOfPlan(manifest, plan));
  });
  const status = await readStatus(records, build, noQueue);
  const revisions = new Map(status.parts.map(({ label, revision }) => [label, revision]));
  await writeDatasetIndexes({ store: records.store, build, manifests, revisions });
  return status;
}
