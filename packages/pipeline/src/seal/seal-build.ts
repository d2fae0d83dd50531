import { writeDatasetIndexes } from "@shardmill/shards";
import { type BuildStatus, noQueue, readStatus } from "../books/read-status.ts";
import { shardsOfBuild } from "../books/shards-of-build.ts";
import type { BuildContext } from "../context/build-context.ts";

/** The end of a build: the lists and indexes that readers ask for are published, from the records alone. */
export async function sealBuild({
  records,
  build,
}: Pick<BuildContext, "records" | "build">): Promise<BuildStatus> {
  const plans = await records.listPlans();
  const manifests = shardsOfBuild(build, { plans, manifests: await records.listManifests() });
  const status = await readStatus(records, build, noQueue);
  const revisions = new Map(status.parts.map(({ label, revision }) => [label, revision]));
  await writeDatasetIndexes({ store: records.store, build, manifests, revisions });
  return status;
}
