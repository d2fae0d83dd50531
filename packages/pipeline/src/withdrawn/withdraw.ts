import type { BuildRecord, Manifest } from "@shardmill/core";
import type { Records } from "@shardmill/store";
import { markFound } from "./mark-withdrawn.ts";
import type { WithdrawalPlan } from "./plan-withdrawal.ts";
import { readWithdrawals } from "./read-withdrawals.ts";

/**
 * Writes the list, which from then on keeps the samples out of all that is made, and then what the records of their shards say of them.
 * The caller holds the build's lock.
 */
export async function withdraw(
  { records, build }: { readonly records: Records; readonly build: BuildRecord },
  plan: WithdrawalPlan,
  signal: AbortSignal,
): Promise<void> {
  if (plan.lines.length > 0) await records.addWithdrawn(plan.lines);
  const { all } = await readWithdrawals({ records, build });
  const shards = new Set(plan.shards.map(({ shard }) => shard));
  if (shards.size === 0) return;
  await markFound(records, all, { shards }, signal);
  // Written once more: its time tells those who read the books over and over that manifests say something else under their names.
  await records.addWithdrawn([]);
}

/** Shards whose tars hold samples that are withdrawn, by name. */
export async function shardsHolding(records: Records): Promise<Manifest[]> {
  const manifests = await records.listManifests();
  return manifests
    .filter(({ withdrawn }) => withdrawn !== undefined)
    .sort((a, b) => (a.shard < b.shard ? -1 : 1));
}
