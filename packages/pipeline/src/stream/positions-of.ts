import { Failure, isNumberedThrough, type PartPlan, partLabel } from "@shardmill/core";
import type { BuildContext } from "../context/build-context.ts";
import { collect } from "../plan/collect.ts";

/** Every position a range must account for. */
export async function positionsOf(
  context: BuildContext,
  plan: PartPlan,
  number: number,
  signal: AbortSignal,
): Promise<number[]> {
  const range = plan.ranges[number];
  if (isNumberedThrough(plan) && range !== undefined)
    return Array.from({ length: range.members }, (_, index) => range.first + index);
  const members = await collect(context.records.readPlannedMembers(plan, number, signal));
  if (range !== undefined && members.length !== range.members) {
    const detail = `of the ${range.members} members planned for ${range.shard}, ${members.length} are listed`;
    throw new Failure("record_invalid", `${context.records.paths.plan(plan)}: ${detail}`, {
      where: { dataset: plan.dataset, part: partLabel(plan), shard: range.shard },
      // Two machines may see a shared folder at slightly different times.
      retry: "later",
    });
  }
  return members.map((member) => member.position);
}
