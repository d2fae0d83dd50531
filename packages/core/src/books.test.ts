import { describe, expect, it } from "vitest";
import { aLedgerLine, aLeftOutLine } from "../testing/records.ts";
import { Seeded } from "../testing/seeded.ts";
import { addCounts, countLines, isBalanced, isSuspect, noCounts, outcomeOf, sumCounts } from "./books.ts";
import type { Code } from "./codes.ts";
import type { Counts, LedgerLine } from "./records.ts";

const line = (position: number, code: Code | null): LedgerLine =>
  code === null ? aLedgerLine({ position }) : aLeftOutLine({ position, outcome: outcomeOf(code), code });
const fates: [null, ...(Code | null)[]] = [null, "no_annotation", "not_media", "decode_error", "bad_crc"];
const manyLines = (seeded: Seeded, count: number): LedgerLine[] =>
  Array.from({ length: count }, (_, position) => line(position, seeded.pick(fates)));
const counted = (packed: number, failed: number, skipped = 0): Counts => ({
  members: packed + failed + skipped,
  packed,
  failed,
  skipped,
  byCode: {},
});

describe("the books", () => {
  it("count each line once, by its outcome and its code", () => {
    const codes = [null, "no_annotation", "decode_error", null, "no_annotation", "bad_crc"] as const;
    expect(countLines(codes.map((code, position) => line(position, code)))).toEqual({
      members: 6,
      packed: 2,
      failed: 2,
      skipped: 2,
      byCode: { bad_crc: 1, decode_error: 1, no_annotation: 2 },
    });
    expect(countLines([])).toEqual(noCounts);
  });

  it("take the code that a line has, and not an outcome that it does not", () => {
    const wrong = { ...line(0, "no_annotation"), outcome: "packed" as const };
    expect(countLines([wrong])).toMatchObject({ packed: 1, skipped: 0, byCode: { no_annotation: 1 } });
  });

  it("have their codes in one order, whatever came first, and none that is nought", () => {
    const one = { ...counted(0, 2), byCode: { zero_frames: 1, bad_crc: 1 } };
    const other = { ...counted(0, 1), byCode: { bad_crc: -1, decode_error: 2 } };
    expect(Object.entries(addCounts(one, other).byCode)).toEqual([
      ["decode_error", 2],
      ["zero_frames", 1],
    ]);
    expect(JSON.stringify(addCounts(one, other))).toBe(JSON.stringify(addCounts(other, one)));
  });

  it("change nothing that was given to them", () => {
    const one = Object.freeze({ ...counted(1, 1), byCode: Object.freeze({ bad_crc: 1 }) });
    expect(addCounts(one, one)).toEqual({ ...counted(2, 2), byCode: { bad_crc: 2 } });
    expect(sumCounts([])).toEqual(noCounts);
    expect(Object.isFrozen(noCounts)).toBe(true);
  });

  it("balance for any lines, and sum up to the same in any order and any pieces", () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const seeded = new Seeded(seed);
      const lines = manyLines(seeded, seeded.below(60));
      const whole = countLines(lines);
      expect(isBalanced(whole), `seed ${seed}`).toBe(true);
      expect(whole.members).toBe(lines.length);
      const left = Object.values(whole.byCode).reduce((sum, count) => sum + count, 0);
      expect(left).toBe(whole.failed + whole.skipped);
      expect(countLines(seeded.shuffled(lines))).toEqual(whole);
      const pieces = Array.from({ length: 4 }, (_, piece) => lines.filter((_, at) => at % 4 === piece));
      expect(sumCounts(seeded.shuffled(pieces).map(countLines))).toEqual(whole);
    }
  });

  it.each([
    [{ ...counted(3, 2, 1), members: 7 }, false],
    [{ ...counted(3, 2, 1), members: 5 }, false],
    [{ ...counted(3, 2, 1), skipped: 0 }, false],
    [counted(3, 2, 1), true],
    [noCounts, true],
  ])("of %o: balanced is %s", (counts, expected) => {
    expect(isBalanced(counts)).toBe(expected);
  });
});

it("an outcome is what its code's kind says", () => {
  expect(["no_annotation", "not_media", "external_source"].map((code) => outcomeOf(code as Code))).toEqual([
    "skipped",
    "skipped",
    "skipped",
  ]);
  expect(["decode_error", "annotation_invalid", "url_dead"].map((code) => outcomeOf(code as Code))).toEqual([
    "failed",
    "failed",
    "failed",
  ]);
});

describe("a part is suspect", () => {
  it.each([
    [50, 0, 0.2, "nothing packed"],
    [50, 199, 0.2, "just above the share"],
    [1000, 0, 0.99, "above a share of almost all"],
    [50, 1_000_000, 0, "no failure is allowed"],
  ])("of %i failed and %i packed at a share of %f: %s", (failed, packed, share) => {
    expect(isSuspect(counted(packed, failed), share)).toBe(true);
  });

  it.each([
    [49, 0, 0.2, "one too few to tell"],
    [50, 200, 0.2, "at the share, not above it"],
    [500, 0, 1, "never where every failure is allowed"],
    [0, 0, 0, "an empty part"],
  ])("not of %i failed and %i packed at a share of %f: %s", (failed, packed, share) => {
    expect(isSuspect(counted(packed, failed), share)).toBe(false);
  });

  it("by what was tried alone: skipped members are neither failures nor tried", () => {
    expect(isSuspect(counted(0, 0, 1_000_000), 0)).toBe(false);
    expect(isSuspect(counted(100, 49, 1_000), 0.2)).toBe(false);
    // 50 of 150 tried, though of all members they are few.
    expect(isSuspect(counted(100, 50, 1_000_000), 0.2)).toBe(true);
  });
});
