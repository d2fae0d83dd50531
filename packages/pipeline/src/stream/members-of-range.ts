import { Failure, isNumberedThrough, type PartPlan, type PlannedMember, partLabel } from "@shardmill/core";
import type { BuildContext } from "../context/build-context.ts";
import { collect } from "../plan/collect.ts";

/** What a range must account for. */
interface RangeMembers {
  readonly positions: readonly number[];
  /** As the plan lists them; null where they were not asked for. */
  readonly listed: readonly PlannedMember[] | null;
}

/** Every position of a range, and its members where it takes those to know. */
export async function membersOfRange(
  context: BuildContext,
  plan: PartPlan,
  number: number,
  signal: AbortSignal,
): Promise<RangeMembers> {
  const range = plan.ranges[number];
  if (isNumberedThrough(plan) && range !== undefined)
    return {
      positions: Array.from({ length: range.members }, (_, index) => range.first + index),
      listed: null,
    };
  const members = await collect(context.records.readPlannedMembers(plan, number, signal));
  if (range !== undefined && members.length !== range.members) {
    const detail = `of the ${range.members} members planned for ${range.shard}, ${members.length} are listed`;
    throw new Failure("record_invalid", `${context.records.paths.plan(plan)}: ${detail}`, {
      where: { dataset: plan.dataset, part: partLabel(plan), shard: range.shard },
      // Two machines may see a shared folder at slightly different times.
      retry: "later",
    });
  }
  return { positions: members.map((member) => member.position), listed: members };
}
