import type { Manifest, PartPlan } from "@shardmill/core";
import type { Records } from "@shardmill/store";

export type WorkIdentity = Pick<PartPlan, "contentId" | "annotationsId" | "recipeHash">;

/** True when two records describe the same work, so that what was made for one counts for the other. */
export function isSameWork(a: WorkIdentity, b: WorkIdentity): boolean {
  return a.contentId === b.contentId && a.annotationsId === b.annotationsId && a.recipeHash === b.recipeHash;
}

/** decisions.md 13: present, the same identities, and a tar of that size. Nothing is hashed. */
export async function validManifest(
  records: Records,
  plan: WorkIdentity,
  shard: string,
): Promise<Manifest | null> {
  const found = await records.readManifest(shard);
  return found.kind === "ok" && isSameWork(plan, found.value) && (await hasItsTar(records, found.value))
    ? found.value
    : null;
}

export async function hasItsTar(records: Records, { tar, shard }: Manifest): Promise<boolean> {
  if (tar === null) return true;
  const file = await records.store.stat(records.paths.tar(shard));
  return file?.sizeBytes === tar.bytes;
}

const looksAtOnce = 16;

/** A few at a time: a thousand at once would keep everybody else's reads waiting. */
export async function withTheirTars(records: Records, manifests: readonly Manifest[]): Promise<Manifest[]> {
  const standing: Manifest[] = [];
  for (let at = 0; at < manifests.length; at += looksAtOnce) {
    const some = manifests.slice(at, at + looksAtOnce);
    const present = await Promise.all(some.map((manifest) => hasItsTar(records, manifest)));
    standing.push(...some.filter((_, index) => present[index] === true));
  }
  return standing;
}

/** The valid manifests of a plan's part. */
export async function standingManifests(records: Records, plan: PartPlan): Promise<Manifest[]> {
  const manifests = await records.listManifests(plan);
  return withTheirTars(
    records,
    manifests.filter((manifest) => isSameWork(plan, manifest)),
  );
}
