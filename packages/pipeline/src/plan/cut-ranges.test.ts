import { describe, expect, it } from "vitest";
import { Seeded } from "../../../core/testing/seeded.ts";
import { cutGroups, cutRanges, cutRowRanges, type RangeMember, withinRows } from "./cut-ranges.ts";

const part = { subset: "AI2D", part: 7 };

/** Members of ten bytes each, one behind the other, at these positions. */
const membersAt = (...positions: readonly number[]): RangeMember[] =>
  positions.map((position, at) => ({ position, startByte: at * 10, endByte: at * 10 + 10 }));

describe("members that are known, cut into ranges", () => {
  it("by a full number of samples, the rest in a last one, each with its name and span", () => {
    expect(cutRanges("toy", part, membersAt(0, 2, 3, 7, 9), 2)).toEqual([
      { range: 0, shard: "toy-ai2d-p0007-0000", first: 0, last: 2, members: 2, startByte: 0, endByte: 20 },
      { range: 1, shard: "toy-ai2d-p0007-0001", first: 3, last: 7, members: 2, startByte: 20, endByte: 40 },
      { range: 2, shard: "toy-ai2d-p0007-0002", first: 9, last: 9, members: 1, startByte: 40, endByte: 50 },
    ]);
  });

  it.each([
    [0, 5, []],
    [4, 5, [4]],
    [5, 5, [5]],
    [6, 5, [5, 1]],
    [10, 5, [5, 5]],
    [3, 1, [1, 1, 1]],
  ])("%i members at %i to a shard are %j", (count, samplesPerShard, sizes) => {
    const members = membersAt(...Array.from({ length: count }, (_, at) => at));
    expect(cutRanges("toy", part, members, samplesPerShard).map(({ members: size }) => size)).toEqual(sizes);
  });

  it("reach over all the bytes of their members where an archive has them in another order", () => {
    const members = [
      { position: 0, startByte: 500, endByte: 600 },
      { position: 1, startByte: 100, endByte: 900 },
      { position: 2, startByte: 300, endByte: 310 },
    ];
    expect(cutRanges("toy", part, members, 3)).toMatchObject([{ startByte: 100, endByte: 900 }]);
  });

  it("depend on nothing that comes behind them: more members move no border", () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const seeded = new Seeded(seed);
      const members = membersAt(...Array.from({ length: seeded.below(50) }, (_, at) => 3 * at));
      const samplesPerShard = 1 + seeded.below(7);
      const whole = cutRanges("toy", part, members, samplesPerShard);
      const full = seeded.below(whole.length + 1);
      const some = cutRanges("toy", part, members.slice(0, full * samplesPerShard), samplesPerShard);
      expect(some, `seed ${seed}`).toEqual(whole.slice(0, full));
      expect(whole.reduce((sum, range) => sum + range.members, 0)).toBe(members.length);
    }
  });
});

/** Row groups of these numbers of rows, a hundred bytes each. */
function groupsOf(...rows: readonly number[]) {
  let firstRow = 0;
  return rows.map((count, at) => {
    const group = { firstRow, rows: count, startByte: at * 100, endByte: at * 100 + 100 };
    firstRow += count;
    return group;
  });
}

describe("rows of a parquet file, cut into ranges", () => {
  const spans = (rows: readonly number[], samplesPerShard: number): string[] =>
    cutRowRanges("toy", part, groupsOf(...rows), samplesPerShard).map(
      ({ first, last }) => `${first}-${last}`,
    );

  it.each([
    ["whole groups as long as they fit", [2, 2, 2], 4, ["0-3", "4-5"]],
    ["a group that fits to the row", [3, 1, 4], 4, ["0-3", "4-7"]],
    ["a group larger than a shard on its own", [1, 9, 1], 4, ["0-0", "1-9", "10-10"]],
    ["no empty group", [0, 2, 0, 0, 2, 0], 2, ["0-1", "2-3"]],
    ["an empty group within a range", [1, 0, 1], 4, ["0-1"]],
    ["every group for itself at one to a shard", [1, 1], 1, ["0-0", "1-1"]],
    ["nothing of nothing", [], 4, []],
    ["nothing of groups without rows", [0, 0], 4, []],
  ])("take %s", (_, rows, samplesPerShard, expected) => {
    expect(spans(rows, samplesPerShard)).toEqual(expected);
  });

  it("are planned with names, numbers and the bytes of their groups", () => {
    expect(cutRowRanges("toy", { subset: null, part: 0 }, groupsOf(2, 2, 3), 4)).toEqual([
      { range: 0, shard: "toy-p0000-0000", first: 0, last: 3, members: 4, startByte: 0, endByte: 200 },
      { range: 1, shard: "toy-p0000-0001", first: 4, last: 6, members: 3, startByte: 200, endByte: 300 },
    ]);
  });

  it("have each row once, and end on borders of groups alone", () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const seeded = new Seeded(seed);
      const groups = groupsOf(...Array.from({ length: seeded.below(20) }, () => seeded.below(9)));
      const most = 1 + seeded.below(20);
      const ranges = cutRowRanges("toy", part, groups, most);
      const ends = new Set(groups.map(({ firstRow, rows }) => firstRow + rows - 1));
      let next = 0;
      for (const [at, { range, first, last, members }] of ranges.entries()) {
        expect([range, first, members], `seed ${seed}`).toEqual([at, next, last - first + 1]);
        expect(ends.has(last), `seed ${seed}`).toBe(true);
        const isOneGroup = groups.some(({ firstRow, rows }) => firstRow === first && rows === members);
        expect(members <= most || isOneGroup, `seed ${seed}`).toBe(true);
        next = last + 1;
      }
      expect(next, `seed ${seed}`).toBe(groups.reduce((sum, { rows }) => sum + rows, 0));
    }
  });
});

describe("rows that are wanted of groups", () => {
  const within = (first: number, end: number) =>
    withinRows(groupsOf(3, 4, 0, 2), { first, end }).map(
      ({ firstRow, rows, startByte }) => `${firstRow}+${rows}@${startByte}`,
    );

  it.each([
    ["all", 0, 9, ["0+3@0", "3+4@100", "7+2@300"]],
    ["beyond the end", 0, 90, ["0+3@0", "3+4@100", "7+2@300"]],
    ["whole groups", 3, 7, ["3+4@100"]],
    ["ends of two groups", 2, 5, ["2+1@0", "3+2@100"]],
    ["one row", 8, 9, ["8+1@300"]],
    ["within one group", 4, 6, ["4+2@100"]],
    ["none", 4, 4, []],
    ["behind the last", 9, 12, []],
  ])("are %s", (_, first, end, expected) => {
    expect(within(first, end)).toEqual(expected);
  });

  it("have with what is before and behind them every row once", () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const seeded = new Seeded(seed);
      const groups = groupsOf(...Array.from({ length: seeded.below(8) }, () => seeded.below(9)));
      const total = groups.reduce((sum, { rows }) => sum + rows, 0);
      const [first = 0, end = 0] = [seeded.below(total + 1), seeded.below(total + 1)].sort((a, b) => a - b);
      const spans = [
        { first: 0, end: first },
        { first, end },
        { first: end, end: total },
      ];
      const rows = spans.flatMap((span) =>
        withinRows(groups, span).flatMap(({ firstRow, rows: count }) =>
          Array.from({ length: count }, (__, at) => firstRow + at),
        ),
      );
      expect(rows, `seed ${seed}`).toEqual(Array.from({ length: total }, (__, at) => at));
    }
  });
});

describe("groups of rows that cost little to read over", () => {
  it.each([
    ["a group as large as a shard stays", [4], ["0-3"]],
    ["a larger one is cut", [9], ["0-3", "4-7", "8-8"]],
    ["none is empty", [0, 8], ["0-3", "4-7"]],
    ["small ones stay together", [2, 2, 1], ["0-3", "4-4"]],
    ["what is left of a large one goes with the next", [5, 3], ["0-3", "4-7"]],
  ])("%s", (_, rows, expected) => {
    const ranges = cutRowRanges("toy", part, cutGroups(groupsOf(...rows), 4), 4);
    expect(ranges.map(({ first, last }) => `${first}-${last}`)).toEqual(expected);
  });
});
