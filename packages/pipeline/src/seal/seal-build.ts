import { type BuildRecord, shownIn } from "@shardmill/core";
import { datasetIndexes, writeDatasetIndexes } from "@shardmill/shards";
import type { Records } from "@shardmill/store";
import { type BuildStatus, noQueue, readStatus } from "../books/read-status.ts";
import { shardsOfBuild } from "../books/shards-of-build.ts";
import type { BuildContext } from "../context/build-context.ts";

/** The end of a build: the lists and indexes that readers ask for are published, from the records alone. */
export async function sealBuild({
  records,
  build,
}: Pick<BuildContext, "records" | "build">): Promise<BuildStatus> {
  const { status, indexed } = await readIndexed(records, build);
  await writeDatasetIndexes({ store: records.store, ...indexed });
  return status;
}

/** The shards of a build as its lists name them, and those lists where the tars lie elsewhere than beside them. */
export async function listedShards(records: Records, build: BuildRecord, placeOf: (shard: string) => string) {
  const { indexed } = await readIndexed(records, build);
  const shards = indexed.manifests.flatMap((manifest) => {
    const { shard, tar } = manifest;
    return tar === null || shownIn(manifest).samples === 0 ? [] : [{ shard, tar }];
  });
  return { shards, indexes: datasetIndexes(indexed, placeOf) };
}

async function readIndexed(records: Records, build: BuildRecord) {
  const plans = await records.listPlans();
  const manifests = shardsOfBuild(build, { plans, manifests: await records.listManifests() });
  const status = await readStatus(records, build, noQueue);
  const revisions = new Map(status.parts.map(({ label, revision }) => [label, revision]));
  return { status, indexed: { build, manifests, revisions } };
}
