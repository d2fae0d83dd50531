import {
  isNumberedThrough,
  type Manifest,
  type PartId,
  type PartPlan,
  type PlannedMember,
} from "@shardmill/core";
import type { Records } from "@shardmill/store";
import { linkRows } from "../annotations/link-rows.ts";
import { holdsContent, isOfPlan, isSameWork } from "../books/valid-manifest.ts";
import type { BuildContext } from "../context/build-context.ts";
import { recordedPart } from "../context/part-source.ts";
import { collect } from "./collect.ts";
import { planPart } from "./plan-part.ts";
import type { OnStep, PlannedPart } from "./planned-part.ts";
import { digestOf } from "./range-digest.ts";
import { recutStream } from "./recut-stream.ts";

/**
 * Plans a part anew from what the source has now. Shards whose members, records and content are as they were stay, and so
 * do supplements; all others go away. Whenever this is stopped, the part is stale still, or as the source has it: the old
 * plan is marked first, then shards go, manifest first, and the new plan is written last.
 */
export async function replanPart(
  context: BuildContext,
  id: PartId,
  signal: AbortSignal,
  onStep: OnStep,
): Promise<PartPlan> {
  const { records } = context;
  const before = await records.readPlan(id);
  const planned = await planPart(context, id, signal, onStep);
  if (before !== null && before.isBeingReplaced !== true && isSamePlan(before, planned.plan)) return before;
  if (before === null || !mayKeep(before, planned.plan)) {
    await dropPart(context, id, signal);
    return write(context, id, planned);
  }
  const isOpen = before.open && planned.plan.open;
  const next = isOpen ? await recutStream(context, before, planned, signal) : planned;
  await records.writePlan({ ...before, isBeingReplaced: true }, []);
  await dropDrafts(records, id, next.plan);
  const kept: string[] = [];
  const readMembers = membersReader(context, next, signal);
  for (const manifest of await records.listManifests(id)) {
    signal.throwIfAborted();
    if (manifest.range !== null) {
      if (!isOfPlan(manifest, next.plan)) await records.removeShard(manifest.shard);
    } else if (await isUnchanged(context, manifest, { plan: next.plan, readMembers }, signal)) {
      kept.push(manifest.rangeDigest ?? "");
    } else await records.removeShard(manifest.shard);
  }
  const plan = await write(context, id, {
    ...next,
    plan: kept.length === 0 ? next.plan : { ...next.plan, keptSupplements: kept },
  });
  for (let range = plan.ranges.length; range < before.ranges.length; range += 1)
    await records.store.remove(records.paths.plannedMembers(id, range));
  return plan;
}

function isSamePlan(before: PartPlan, next: PartPlan): boolean {
  return isSameWork(before, next) && before.earlier === next.earlier;
}

/** Of another content nothing can be kept, but where each member tells of its own. */
function mayKeep(before: PartPlan, next: PartPlan): boolean {
  return (
    before.recipeHash === next.recipeHash &&
    before.archive === next.archive &&
    before.open === next.open &&
    (before.contentId === next.contentId || holdsContent(next))
  );
}

async function write(
  { records }: BuildContext,
  id: PartId,
  { plan, members, leftOut }: PlannedPart,
): Promise<PartPlan> {
  await records.writePlanLedger(id, leftOut);
  await records.writePlan(plan, members);
  return plan;
}

type ReadMembers = (positions: ReadonlySet<number>) => Promise<PlannedMember[]>;

/** Members of a plan that is not written yet. A table of links is never in memory: its rows are read for it. */
function membersReader(
  context: BuildContext,
  { plan, members }: PlannedPart,
  signal: AbortSignal,
): ReadMembers {
  return async (positions) => {
    const found: PlannedMember[] = [];
    const add = (some: readonly PlannedMember[]): void => {
      found.push(...some.filter(({ position }) => positions.has(position)));
    };
    if (plan.archive === "urls" || plan.archive === "table")
      for await (const row of linkRows(context, recordedPart(context, plan), signal)) add([row]);
    else for await (const range of members) add(range);
    return found;
  };
}

/** A supplement stays when all that it tried again is as it was: without it, what it packed would be failed again. */
async function isUnchanged(
  { records }: BuildContext,
  { shard, rangeDigest }: Manifest,
  { plan, readMembers }: { readonly plan: PartPlan; readonly readMembers: ReadMembers },
  signal: AbortSignal,
): Promise<boolean> {
  if (rangeDigest === null || isNumberedThrough(plan)) return false;
  const lines = await collect(records.readLedger(shard, signal)).catch(() => []);
  const members = await readMembers(new Set(lines.map(({ position }) => position)));
  return members.length === lines.length && digestOf(members) === rangeDigest;
}

/** What was made of a part and not committed, but for what is of the plan. */
async function dropDrafts(records: Records, id: PartId, plan: PartPlan | null): Promise<void> {
  for (const draft of await records.listDraftsOf(id)) {
    const made = plan === null ? null : await records.readDraft(draft);
    if (made === null || plan === null || !isOfPlan(made.manifest, plan)) await records.removeDraft(draft);
  }
}

/** A plan and all that was made of it go away: manifests first, so that a crash leaves nothing that seems committed. */
export async function dropPart({ records }: BuildContext, id: PartId, signal: AbortSignal): Promise<void> {
  await dropDrafts(records, id, null);
  for (const { shard } of await records.listManifests(id)) {
    signal.throwIfAborted();
    await records.removeShard(shard);
  }
  await records.removePlan(id);
}
