import { writeDatasetIndexes } from "@shardmill/shards";
import type { BuildContext } from "./context.ts";
import { type BuildStatus, noQueue, readStatus } from "./read-status.ts";

/** The end of a build: the lists and indexes that readers ask for are published, from the records alone. */
export async function sealBuild({
  records,
  build,
}: Pick<BuildContext, "records" | "build">): Promise<BuildStatus> {
  const manifests = (await records.listManifests()).filter(
    (manifest) => manifest.recipeHash === build.recipeHash,
  );
  const status = await readStatus(records, build, noQueue);
  const revisions = new Map(status.parts.map(({ label, revision }) => [label, revision]));
  await writeDatasetIndexes(records.store, build.dataset.name, build, manifests, revisions);
  return status;
}
