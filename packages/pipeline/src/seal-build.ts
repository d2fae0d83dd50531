import { writeDatasetIndexes } from "@shardmill/shards";
import type { BuildContext } from "./context.ts";
import { type BuildStatus, noQueue, readStatus } from "./read-status.ts";

/** The end of a build: the lists and indexes that readers ask for are published, from the manifests alone. */
export async function sealBuild({ records, build, store, dataset }: BuildContext): Promise<BuildStatus> {
  const manifests = (await records.listManifests()).filter(
    (manifest) => manifest.recipeHash === build.recipeHash,
  );
  await writeDatasetIndexes(store, dataset.name, build, manifests);
  return readStatus(records, build, noQueue);
}
