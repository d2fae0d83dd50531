import { type codes, type LedgerLine, type PartId, type PartPlan, partLabel } from "@shardmill/core";
import { failedLines } from "../books/failed-lines.ts";
import { isOfPlan, validManifest } from "../books/valid-manifest.ts";
import type { BuildContext } from "../context/build-context.ts";
import { markAllWithdrawn } from "../withdrawn/mark-withdrawn.ts";
import type { PartOrder, ShardTask } from "./part-order.ts";
import { planPart } from "./plan-part.ts";
import type { OnStep } from "./planned-part.ts";
import { dropPart, replanPart } from "./replan-part.ts";
import { isPlanCurrent, staleFailure } from "./stale-plan.ts";

/**
 * Plans a part (or takes the plan that stands) and says which shards have to be made for what was asked. May run any
 * number of times: what is committed already is not asked for again.
 */
export async function preparePart(
  context: BuildContext,
  id: PartId,
  asked: { readonly order: PartOrder; readonly run: number; readonly onStep?: OnStep },
  signal: AbortSignal,
): Promise<ShardTask[]> {
  const { order, run, onStep = () => undefined } = asked;
  const { records } = context;
  await records.removePartEnd(id);
  await markAllWithdrawn(context, { parts: new Set([partLabel(id)]) }, signal);
  switch (order.kind) {
    case "missing":
      return missingTasks(context, await plannedPart(context, id, { onStep }, signal));
    case "rebuild":
      // A planning worker that was lost is followed by another: what was committed for this run in between stays.
      if ((await records.readPlan(id))?.rebuiltFor !== run) await dropPart(context, id, signal);
      return missingTasks(context, await plannedPart(context, id, { onStep, rebuiltFor: run }, signal));
    case "stale":
      return missingTasks(context, await replanPart(context, id, signal, onStep));
    case "failed-samples":
      return supplementTasks(
        context,
        await plannedPart(context, id, { onStep }, signal),
        order.codes,
        signal,
      );
    case "repair":
      await plannedPart(context, id, { onStep }, signal);
      return order.shards.map((shard) => ({ kind: "repair", shard }));
    default:
      return order satisfies never;
  }
}

async function plannedPart(
  context: BuildContext,
  id: PartId,
  { onStep, rebuiltFor = null }: { readonly onStep: OnStep; readonly rebuiltFor?: number | null },
  signal: AbortSignal,
): Promise<PartPlan> {
  const { records } = context;
  const before = await records.readPlan(id);
  if (before !== null && (await isPlanCurrent(context, id, before, signal))) return before;
  const planned = await planPart(context, id, signal, onStep);
  const committed = await records.listManifests(id);
  const other = committed.find((manifest) => !isOfPlan(manifest, planned.plan));
  if (other !== undefined) throw staleFailure(context, id, other, planned.plan);
  // Killed among the new one's files, the old plan would stand over members that are not its own.
  if (before !== null) await records.removePlan(id);
  await records.writePlanLedger(id, planned.leftOut);
  const plan = rebuiltFor === null ? planned.plan : { ...planned.plan, rebuiltFor };
  await records.writePlan(plan, planned.members);
  return plan;
}

async function missingTasks({ records }: BuildContext, plan: PartPlan): Promise<ShardTask[]> {
  if (plan.open) return (await isStreamDone(records, plan)) ? [] : [{ kind: "stream" }];
  const tasks: ShardTask[] = [];
  for (const { range, shard } of plan.ranges) {
    if ((await validManifest(records, plan, shard)) === null) tasks.push({ kind: "range", range });
  }
  return tasks;
}

async function isStreamDone(records: BuildContext["records"], plan: PartPlan): Promise<boolean> {
  if (plan.members === null) return false;
  for (const { shard } of plan.ranges) if ((await validManifest(records, plan, shard)) === null) return false;
  return true;
}

/** One supplement with every sample that failed with one of the codes; none when there is nothing to try again. */
async function supplementTasks(
  context: BuildContext,
  plan: PartPlan,
  wanted: readonly (keyof typeof codes)[],
  signal: AbortSignal,
): Promise<ShardTask[]> {
  const lines: LedgerLine[] = await failedLines(context, plan, wanted, signal);
  if (lines.length === 0) return [];
  const made = (await context.records.listSupplements(plan)).map((manifest) => manifest.supplement ?? 0);
  return [{ kind: "supplement", number: Math.max(0, ...made) + 1, codes: [...wanted] }];
}
