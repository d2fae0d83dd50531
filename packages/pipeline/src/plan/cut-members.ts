import type { PartPlan, PlannedMember } from "@shardmill/core";
import { isLeftOut } from "./left-out-member.ts";
import { digestOf } from "./range-digest.ts";

/** A range is a run of `samplesPerShard` annotated members and every member left out among and right after them. */
export function cutMembers(members: readonly PlannedMember[], samplesPerShard: number): PlannedMember[][] {
  const ranges: PlannedMember[][] = [[]];
  let works = 0;
  for (const member of members) {
    if (!isLeftOut(member)) {
      if (works === samplesPerShard) {
        ranges.push([]);
        works = 0;
      }
      works += 1;
    }
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
