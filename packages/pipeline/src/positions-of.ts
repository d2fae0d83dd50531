import type { PartPlan } from "@shardmill/core";
import { collect } from "./collect.ts";
import type { BuildContext } from "./context.ts";

/** Every position a range must account for. */
export async function positionsOf(
  context: BuildContext,
  plan: PartPlan,
  number: number,
  signal: AbortSignal,
): Promise<number[]> {
  const range = plan.ranges[number];
  if (plan.archive === "parquet" && range !== undefined) {
    return Array.from({ length: range.last - range.first + 1 }, (_, index) => range.first + index);
  }
  const members = await collect(context.records.readPlannedMembers(plan, number, signal));
  return members.map((member) => member.position);
}
