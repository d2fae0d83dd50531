import { Failure } from "@shardmill/core";
import { type PublishedAs, standingManifest } from "@shardmill/shards";
import type { BuildContext } from "../context/build-context.ts";
import { isOfAnotherPlan, mustBeOfNow } from "../plan/of-now.ts";
import type { WithdrawalsNow } from "../withdrawn/read-withdrawals.ts";
import type { ShardOrder } from "./shard-order.ts";
import { mustBeWithdrawnAsNow } from "./without-withdrawn.ts";

/** What of a part that is being milled decides how its shards are published. */
interface Publishing {
  readonly context: BuildContext;
  readonly withdrawn: WithdrawalsNow;
  readonly signal: AbortSignal;
}

type Ordered = Pick<ShardOrder, "plan" | "shard" | "range">;

export function publishedAs(milling: Publishing, order: ShardOrder): PublishedAs {
  return {
    replaces: () => givingWay(milling, order),
    withdrawn: milling.withdrawn.id,
    isOfNow: () => isStillOfNow(milling, order),
  };
}

/**
 * The manifest that is to be replaced: of another plan both before and after it was looked at, so that it is that one, and
 * of an earlier plan, since that of this shard is the one of now even after that.
 */
async function givingWay(milling: Publishing, order: ShardOrder): Promise<string | null> {
  const { context } = milling;
  const repairs = order.repairs ?? null;
  if (!(await isOfAnotherPlan(context, order))) return repairs;
  const standing = await standingManifest(context.records, order);
  const isThatOne = await isOfAnotherPlan(context, order);
  return isThatOne && (await isStillOfNow(milling, order)) ? standing : repairs;
}

/** What was begun is still what is to be made: neither planned anew nor without what has been withdrawn since. */
export async function mustBeAsNow(milling: Publishing, order: Ordered): Promise<void> {
  await mustBeOfNow(milling.context, order, milling.signal);
  await mustBeWithdrawnAsNow(milling, order);
}

export async function isStillOfNow(milling: Publishing, order: Ordered): Promise<boolean> {
  try {
    await mustBeAsNow(milling, order);
    return true;
  } catch (error) {
    if (error instanceof Failure && ["record_invalid", "source_changed"].includes(error.code)) return false;
    throw error;
  }
}
