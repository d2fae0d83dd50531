import { memberIdentity, type PartPlan, type PlannedMember, shardName } from "@shardmill/core";
import { annotationIndexOfPlan } from "../annotations/annotation-index.ts";
import type { BuildContext } from "../context/build-context.ts";
import { collect } from "./collect.ts";
import { cutMembers, dropOpenEnd } from "./cut-members.ts";
import { judgeMembers, type Matches } from "./judge-members.ts";
import { isLeftOut, isOfArchive, isRunOfPictures, leftOutMember } from "./left-out-member.ts";
import type { PlannedPart } from "./planned-part.ts";
import { digestOf } from "./range-digest.ts";

/** How many names are looked up in the annotations at once. */
const lookupSize = 5_000;

/**
 * Cuts a stream's ranges anew after its annotations changed, without streaming it: its members have been seen, and are
 * listed beside the plan. Whoever mills it afterwards passes over the ranges that came out as they were. Where the list
 * is not whole, the plan is as if the stream had never been seen.
 */
export async function recutStream(
  context: BuildContext,
  before: PartPlan,
  fresh: PlannedPart,
  signal: AbortSignal,
): Promise<PlannedPart> {
  const seen = await membersSeen(context, before, signal);
  if (seen === null) return fresh;
  const judged = await judgeAnew(context, fresh.plan, seen, signal);
  const cut = cutMembers(judged.members, context.build.recipe.samplesPerShard);
  if (before.members === null) dropOpenEnd(cut, before.ranges);
  const ranges = cut.map((members, range) => ({
    range,
    shard: shardName(before.dataset, before, range),
    first: members[0]?.position ?? 0,
    last: members.at(-1)?.position ?? 0,
    members: members.filter((member) => !isLeftOut(member)).length,
    startByte: 0,
    endByte: 0,
    digest: digestOf(members),
  }));
  const known =
    before.members === null
      ? {}
      : {
          members: before.members,
          annotationsUsed: judged.annotationsUsed,
          // The archive is the one that was seen to its end.
          remarks: [...fresh.plan.remarks, ...before.remarks],
        };
  return { plan: { ...fresh.plan, ranges, ...known }, members: cut, leftOut: [] };
}

/**
 * Null where the list is not whole. Writing another plan may have been stopped between two ranges: then some are cut as
 * before and some anew, but which members there are is no matter of annotations.
 */
async function membersSeen(
  { records }: BuildContext,
  before: PartPlan,
  signal: AbortSignal,
): Promise<PlannedMember[] | null> {
  const seen = new Map<number, PlannedMember>();
  let isAsPlanned = true;
  for (let range = 0; ; range += 1) {
    const planned = before.ranges[range];
    if (planned === undefined && isAsPlanned) break;
    const members = await collect(records.readPlannedMembers(before, range, signal));
    if (planned === undefined && members.length === 0) break;
    for (const member of members) seen.set(member.position, member);
    isAsPlanned &&= planned?.digest === digestOf(members);
  }
  if (!isAsPlanned && seen.size !== before.members) return null;
  return [...seen.values()].sort((a, b) => a.position - b.position);
}

/** As judgedItems does while it streams. What the archive itself ruled out stays so. */
async function judgeAnew(
  context: BuildContext,
  plan: PartPlan,
  seen: readonly PlannedMember[],
  signal: AbortSignal,
): Promise<{ readonly members: readonly PlannedMember[]; readonly annotationsUsed: number }> {
  const { dataset } = context;
  const rules = { dataset, recipe: context.build.recipe };
  const { subset } = plan;
  const index = await annotationIndexOfPlan(context, plan, signal);
  const names = new Set<string>();
  const judged: PlannedMember[] = [];
  let annotationsUsed = 0;
  for (let from = 0; from < seen.length; from += lookupSize) {
    const some = seen.slice(from, from + lookupSize);
    const queries = some.map(({ name }) => ({ subset, name }));
    const matches: readonly Matches[] = index === null ? [] : await index.lookup(queries, signal);
    for (const [at, member] of some.entries()) {
      if (isOfArchive(member)) {
        names.add(memberIdentity(dataset, member.name));
        judged.push(member);
        continue;
      }
      // Its record passed with it in the stream, whose content is as it was.
      const isBeside = dataset.annotations.kind === "beside";
      if (isBeside && isLeftOut(member)) {
        names.add(memberIdentity(dataset, member.name));
        judged.push(member);
        continue;
      }
      const isFolder = isRunOfPictures(member);
      const { planned, leftOut, ...found } = judgeMembers(
        rules,
        [{ position: member.position, name: member.name, at: isFolder ? { isFolder } : {}, isFolder }],
        [isBeside ? member.records : (matches[at] ?? [])],
        names,
      );
      annotationsUsed += found.annotationsUsed;
      judged.push(...planned, ...leftOut.map((line) => leftOutMember(line, "judge", isFolder)));
    }
  }
  return { members: judged, annotationsUsed };
}
