import type { LedgerLine, ShardProgress } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { aLedgerLine, aLeftOutLine, aPlan } from "../../../core/testing/records.ts";
import type { Outcome } from "./outcome.ts";
import type { ShardOrder } from "./shard-order.ts";
import { ShardTally } from "./shard-tally.ts";

const order = (over: Partial<ShardOrder> = {}): ShardOrder => ({
  plan: aPlan({ part: 7 }),
  shard: "toy-p0007-0000",
  range: 0,
  supplement: null,
  supersedes: null,
  positions: [0, 1, 2],
  settled: [],
  digest: () => null,
  ...over,
});
const member = (position: number) => ({ position, name: `${position}.mp4`, at: {}, records: [] });
const outcome = (line: LedgerLine, more: Partial<Outcome> = {}): Outcome => ({
  samples: [],
  line,
  annotationsUsed: 1,
  seconds: 0.5,
  ...more,
});
const packed = (position: number) => outcome(aLedgerLine({ position, frames: 8 }));
const failed = (position: number) =>
  outcome(aLeftOutLine({ position, outcome: "failed", code: "bad_crc" }), { annotationsUsed: 0 });

/** Half a second later whenever it is asked. */
let nowMs = 0;
const clock = {
  now: () => {
    nowMs += 500;
    return nowMs;
  },
};

function tallied(of: ShardOrder): { tally: ShardTally; told: ShardProgress[] } {
  const told: ShardProgress[] = [];
  return { tally: new ShardTally(of, (progress) => told.push(progress), clock), told };
}

describe("the tally of a shard", () => {
  it("adds up what became of its members, in whatever order they are made", () => {
    const { tally } = tallied(order());
    for (const position of [0, 1, 2]) tally.begin(member(position));
    for (const one of [packed(2), failed(0), packed(1)]) tally.add(one);
    expect(tally.lines("toy").map(({ position, outcome: fate }) => `${position} ${fate}`)).toEqual([
      "0 failed",
      "1 packed",
      "2 packed",
    ]);
    expect(tally).toMatchObject({ frames: 16, annotationsUsed: 2 });
  });

  it("tells the member that the shard waits for: of those in work, the first", () => {
    const { tally, told } = tallied(order());
    tally.begin(member(0));
    tally.begin(member(1));
    tally.read(100);
    tally.add(packed(1));
    tally.add(failed(0));
    tally.begin(member(2));
    expect(told.map((progress) => progress.member)).toEqual(["0.mp4", "0.mp4", null, "2.mp4"]);
    expect(told.at(-1)).toEqual({
      shard: "toy-p0007-0000",
      member: "2.mp4",
      done: 2,
      of: 3,
      packed: 1,
      failed: 1,
      frames: 8,
      bytesRead: 100,
      decodeSeconds: 1,
    });
  });

  it("keeps how its members came: seconds from one to the next, samples that each gave, bytes of each sample", () => {
    const { tally } = tallied(order({ settled: [aLeftOutLine({ position: 0 })] }));
    expect(tally.pace.figures).toBeUndefined();
    for (const position of [1, 2, 3]) tally.begin(member(position));
    const sample = (length: number) => ({
      key: "k",
      members: [{ suffix: "json", bytes: Buffer.alloc(length) }],
    });
    tally.add({ ...packed(1), samples: [sample(1), sample(513)] });
    tally.add(failed(2));
    tally.add({ ...packed(3), samples: [sample(512)] });
    expect(tally.pace.figures).toEqual({
      firstS: 0.5,
      steps: { count: 2, sum: 1, squares: 0.5 },
      gave: { count: 3, sum: 3, squares: 5 },
      bytes: { count: 3, sum: 1024 + 1536 + 1024, squares: 1024 ** 2 + 1536 ** 2 + 1024 ** 2 },
    });
  });

  it("begins with what is settled without milling", () => {
    const settled = [aLeftOutLine({ position: 1 })];
    const { tally, told } = tallied(order({ settled }));
    tally.begin(member(0));
    tally.add(packed(2));
    tally.add(packed(0));
    expect(told.at(-1)).toMatchObject({ done: 3, packed: 2, failed: 0, of: 3 });
    expect(tally.lines("toy").map(({ position }) => position)).toEqual([0, 1, 2]);
    expect(settled).toHaveLength(1);
  });

  it("keeps remarks of one code together, by the member that had the first", () => {
    const remark = { code: "colour_tags_ignored", detail: "bt2020" } as const;
    const { tally } = tallied(order());
    for (const position of [1, 0]) tally.add({ ...packed(position), remarks: [remark] });
    expect(tally.remarks.list()).toEqual([
      { code: "colour_tags_ignored", detail: "clip1.mp4: bt2020", count: 2 },
    ]);
  });
});

describe("at the end of a shard", () => {
  it("a planned member without a line means that the archive ended early", () => {
    const { tally } = tallied(order());
    tally.add(packed(1));
    expect(() => tally.lines("toy")).toThrow(
      expect.objectContaining({
        code: "archive_truncated",
        message: "2 planned members did not come out of the archive",
        where: { dataset: "toy", part: "p0007", shard: "toy-p0007-0000" },
      }),
    );
  });

  it("nothing is missed of a stream, which says itself what there is", () => {
    const { tally, told } = tallied(order({ positions: null }));
    tally.add(packed(5));
    expect(tally.lines("toy")).toHaveLength(1);
    expect(told.at(-1)?.of).toBeNull();
  });
});
