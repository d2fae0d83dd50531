import type { PartState } from "@shardmill/core";

interface PartCounts {
  readonly members: number | null;
  readonly packed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Members that a plan has and no fate is told of yet; of a part that is not planned nobody knows any. */
export function membersToDo({ members, packed, failed, skipped }: PartCounts): number {
  return Math.max(0, (members ?? 0) - packed - failed - skipped);
}

/** Parts that were asked for and are not done, whatever keeps them: the books of a build balance when there are none. */
export function partsToDo(
  parts: readonly { readonly isAsked: boolean; readonly state: PartState }[],
): number {
  return parts.filter(({ isAsked, state }) => isAsked && state !== "done" && state !== "absent").length;
}
