import type { PartPlan, PlannedMember } from "@shardmill/core";
import { beginsNextRange } from "./begins-next-range.ts";
import { isLeftOut } from "./left-out-member.ts";
import { digestOf } from "./range-digest.ts";

/** The ranges of a stream's members. */
export function cutMembers(members: readonly PlannedMember[], samplesPerShard: number): PlannedMember[][] {
  const ranges: PlannedMember[][] = [[]];
  let works = 0;
  for (const member of members) {
    const isWork = !isLeftOut(member);
    if (beginsNextRange(isWork, works, samplesPerShard)) {
      ranges.push([]);
      works = 0;
    }
    if (isWork) works += 1;
    ranges.at(-1)?.push(member);
  }
  return ranges;
}

/** Of a stream that was not seen to its end, the last range may go on behind what was seen. */
export function dropOpenEnd(ranges: PlannedMember[][], before: PartPlan["ranges"]): void {
  const last = ranges.at(-1);
  const known = before[ranges.length - 1]?.digest;
  if (last !== undefined && digestOf(last) !== known) ranges.pop();
}
