import type { PlannedSet } from "./mix-plan.ts";

/** How many samples are left out for each reason, in order of the reasons. */
export function leftOutByReason(sets: readonly PlannedSet[]): Record<string, number> {
  const counts: Record<string, number> = {};
  const reasons = sets.flatMap(({ excluded }) => excluded.map(({ reason }) => reason));
  for (const reason of reasons.toSorted()) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

/** Subsets of an output that the mix does not take, by name. */
export function leftOutSubsets({ facts, shards }: PlannedSet): string[] {
  const taken = new Set(shards.map(({ subset }) => subset));
  return facts.subsets.flatMap(({ subset }) => (subset === null || taken.has(subset) ? [] : [subset]));
}
