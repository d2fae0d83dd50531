import type { BuildRecord, Manifest, PartPlan } from "@shardmill/core";
import { commitDraft } from "@shardmill/shards";
import type { Draft, Records } from "@shardmill/store";
import { isOfPlan } from "../books/valid-manifest.ts";
import { readWithdrawals } from "./read-withdrawals.ts";

/**
 * Commits what others that were killed had made of shards, as far as it is what there is to be now: a shard that gave way
 * to one that is not committed is in no list. The caller holds the build's lock. Returns the shards, by name.
 */
export async function finishLeft(
  { records, build }: { readonly records: Records; readonly build: BuildRecord },
  signal: AbortSignal,
): Promise<string[]> {
  const { id } = await readWithdrawals({ records, build });
  const isAsNow = async () => (await readWithdrawals({ records, build })).id === id;
  const finished = new Set<string>();
  for (const path of await records.listDraftsOf()) {
    signal.throwIfAborted();
    const draft = await records.readDraft(path);
    if (draft === null || finished.has(draft.manifest.shard)) continue;
    const { shard } = draft.manifest;
    const plan = await records.readPlan(draft.manifest);
    const isWanted = ({ manifest, withdrawn }: Draft): boolean =>
      withdrawn === id && isPlanned(manifest, plan, build);
    if (isWanted(draft) && (await commitDraft(records, shard, isWanted, isAsNow))) finished.add(shard);
  }
  return [...finished].sort();
}

/** Without a plan there is what the settings say. */
function isPlanned(manifest: Manifest, plan: PartPlan | null, build: BuildRecord): boolean {
  if (plan === null) return manifest.recipeHash === build.recipeHash;
  return plan.isBeingReplaced !== true && isOfPlan(manifest, plan);
}
