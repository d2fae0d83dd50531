import { type PartId, type RangePlan, shardName } from "@shardmill/core";

export interface RangeMember {
  readonly position: number;
  readonly startByte: number;
  readonly endByte: number;
}

/** A range before the digest of its members is known. */
export type CutRange = Omit<RangePlan, "digest">;

/**
 * Cuts the annotated members of a part, in archive order, into ranges of `samplesPerShard`. Decided before anything is
 * decoded, so that shards never depend on each other: what becomes of a member moves no other.
 */
export function cutRanges(
  dataset: string,
  part: PartId,
  members: readonly RangeMember[],
  samplesPerShard: number,
): CutRange[] {
  const ranges: CutRange[] = [];
  for (let start = 0; start < members.length; start += samplesPerShard) {
    const chunk = members.slice(start, start + samplesPerShard);
    const first = chunk[0];
    const last = chunk.at(-1);
    if (first === undefined || last === undefined) continue;
    const range = ranges.length;
    ranges.push({
      range,
      shard: shardName(dataset, part, range),
      first: first.position,
      last: last.position,
      members: chunk.length,
      startByte: chunk.reduce((least, m) => Math.min(least, m.startByte), first.startByte),
      endByte: chunk.reduce((most, m) => Math.max(most, m.endByte), last.endByte),
    });
  }
  return ranges;
}

/** Parquet: a range ends on a row-group border, so that no group is fetched twice; a large group is a range of its own. */
export function cutRowRanges(
  dataset: string,
  part: PartId,
  groups: readonly { firstRow: number; rows: number; startByte: number; endByte: number }[],
  samplesPerShard: number,
): CutRange[] {
  const ranges: CutRange[] = [];
  for (const group of groups) {
    if (group.rows === 0) continue;
    const last = group.firstRow + group.rows - 1;
    const open = ranges.at(-1);
    if (open === undefined || open.members + group.rows > samplesPerShard) {
      const { firstRow: first, rows: members, startByte, endByte } = group;
      const range = ranges.length;
      ranges.push({
        range,
        shard: shardName(dataset, part, range),
        first,
        last,
        members,
        startByte,
        endByte,
      });
    } else {
      const endByte = Math.max(open.endByte, group.endByte);
      ranges[open.range] = { ...open, last, members: open.members + group.rows, endByte };
    }
  }
  return ranges;
}
