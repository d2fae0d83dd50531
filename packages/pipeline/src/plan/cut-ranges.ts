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

interface RowGroup {
  readonly firstRow: number;
  readonly rows: number;
  readonly startByte: number;
  readonly endByte: number;
}

/** Of each group the rows that are wanted, [first, end). */
export function withinRows(
  groups: readonly RowGroup[],
  wanted: { readonly first: number; readonly end: number },
): RowGroup[] {
  return groups.flatMap((group) => {
    const firstRow = Math.max(group.firstRow, wanted.first);
    const rows = Math.min(group.firstRow + group.rows, wanted.end) - firstRow;
    return rows > 0 ? [{ ...group, firstRow, rows }] : [];
  });
}

/** Rows that cost little to read over: a group larger than a shard is cut, and read once for each. */
export function cutGroups(groups: readonly RowGroup[], samplesPerShard: number): RowGroup[] {
  return groups.flatMap((group) =>
    Array.from({ length: Math.ceil(group.rows / samplesPerShard) }, (_, at) => {
      const before = at * samplesPerShard;
      return {
        ...group,
        firstRow: group.firstRow + before,
        rows: Math.min(samplesPerShard, group.rows - before),
      };
    }),
  );
}

/** Parquet: a range ends on a row-group border, so that no group is fetched twice; a large group is a range of its own. */
export function cutRowRanges(
  dataset: string,
  part: PartId,
  groups: readonly RowGroup[],
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
