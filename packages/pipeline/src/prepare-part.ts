import {
  type codes,
  Failure,
  type LedgerLine,
  type Manifest,
  type PartId,
  type PartPlan,
  partLabel,
} from "@shardmill/core";
import type { BuildContext } from "./context.ts";
import { failedLines } from "./failed-lines.ts";
import type { PartOrder, ShardTask } from "./part-order.ts";
import { planPart } from "./plan-part.ts";
import type { OnStep } from "./planned-part.ts";
import { isSameWork, validManifest } from "./valid-manifest.ts";

/**
 * Plans a part (or takes the plan that stands) and says which shards have to be made for what was asked. May run any
 * number of times: what is committed already is not asked for again.
 */
export async function preparePart(
  context: BuildContext,
  id: PartId,
  order: PartOrder,
  signal: AbortSignal,
  options: { readonly run: number; readonly onStep?: OnStep },
): Promise<ShardTask[]> {
  const { run, onStep = () => undefined } = options;
  const { records } = context;
  await records.removePartEnd(id);
  switch (order.kind) {
    case "missing":
      return missingTasks(context, await plannedPart(context, id, signal, onStep));
    case "rebuild":
      // A planning worker that was lost is followed by another: what was committed for this run in between stays.
      if ((await records.readPlan(id))?.rebuiltFor !== run) await dropPart(context, id, signal);
      return missingTasks(context, await plannedPart(context, id, signal, onStep, run));
    case "failed-samples":
      return supplementTasks(context, await plannedPart(context, id, signal, onStep), order.codes, signal);
    case "repair":
      return order.shards.map((shard) => ({ kind: "repair", shard }));
    default:
      return order satisfies never;
  }
}

async function plannedPart(
  context: BuildContext,
  id: PartId,
  signal: AbortSignal,
  onStep: OnStep,
  rebuiltFor: number | null = null,
): Promise<PartPlan> {
  const { records } = context;
  const before = await records.readPlan(id);
  const planned = await planPart(context, id, signal, onStep);
  if (before !== null && isSameWork(before, planned.plan) && before.open === planned.plan.open) return before;
  const committed = await records.listManifests(id);
  if (committed.some((manifest) => !isSameWork(manifest, planned.plan)))
    throw staleFailure(context, id, committed[0], planned.plan);
  await records.writePlanLedger(id, planned.leftOut);
  const plan = rebuiltFor === null ? planned.plan : { ...planned.plan, rebuiltFor };
  await records.writePlan(plan, planned.members);
  return plan;
}

function staleFailure(
  { dataset }: BuildContext,
  id: PartId,
  committed: Manifest | undefined,
  plan: PartPlan,
): Failure {
  const where = { dataset: dataset.name, part: partLabel(id) };
  if (committed?.recipeHash !== plan.recipeHash) {
    return new Failure("recipe_changed", `part ${partLabel(id)} has shards of another recipe`, { where });
  }
  return new Failure(
    "source_changed",
    `part ${partLabel(id)} has shards of other content or annotations than the source has now`,
    { where },
  );
}

/** A plan and all that was made of it go away: manifests first, so that a crash leaves nothing that seems committed. */
async function dropPart({ records }: BuildContext, id: PartId, signal: AbortSignal): Promise<void> {
  const manifests = await records.listManifests(id);
  for (const { shard } of manifests) {
    signal.throwIfAborted();
    await records.removeShard(shard);
  }
  await records.removePlan(id);
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
  const made = (await context.records.listManifests(plan)).map((manifest) => manifest.supplement ?? 0);
  return [{ kind: "supplement", number: Math.max(0, ...made) + 1, codes: [...wanted] }];
}
