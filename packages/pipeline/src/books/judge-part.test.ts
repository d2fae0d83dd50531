import { type Counts, noCounts } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { aPlan } from "../../../core/testing/records.ts";
import { judgePart } from "../seal/seal-part.ts";
import type { PartBooks } from "./part-books.ts";

const plan = aPlan();
const counts = (packed: number, failed: number, skipped = 0): Counts => ({
  ...noCounts,
  members: packed + failed + skipped,
  packed,
  failed,
  skipped,
});
const books = (of: Counts, more: Partial<PartBooks> = {}): PartBooks => ({
  counts: of,
  members: of.members,
  shards: { done: 3, total: 3 },
  samples: of.packed,
  frames: 0,
  tokens: null,
  bytes: 0,
  annotationsUsed: 0,
  ...more,
});

describe("a part whose jobs have all ended", () => {
  it("is done when every range is committed and the books balance, failed samples or not", () => {
    expect(judgePart(plan, books(counts(900, 40, 60)), null, 0.2)).toMatchObject({ state: "done" });
  });

  it("is failed when it could not be planned anew, whatever stands of the plan that is no longer right", () => {
    const failure = { code: "annotations_invalid", message: "an HTML page", isOfReplanning: true } as const;
    expect(judgePart(plan, books(counts(900, 0)), failure, 0.2)).toEqual({
      state: "failed",
      code: "annotations_invalid",
      detail: "an HTML page",
    });
  });

  it("is suspect with at least 50 failures above the share that the catalogue allows", () => {
    expect(judgePart(plan, books(counts(199, 50)), null, 0.2)).toMatchObject({ code: "source_suspect" });
    expect(judgePart(plan, books(counts(200, 50)), null, 0.2)).toMatchObject({ state: "done" });
    expect(judgePart(plan, books(counts(0, 49)), null, 0.2)).toMatchObject({ state: "done" });
    expect(judgePart(plan, books(counts(0, 500)), null, 1)).toMatchObject({ state: "done" });
  });

  it("is not suspect for what was skipped, however much", () => {
    expect(judgePart(plan, books(counts(1, 0, 5000)), null, 0.2)).toMatchObject({ state: "done" });
  });

  it("is failed, never done, when its books do not balance", () => {
    const off = books({ ...counts(10, 0), members: 11 });
    expect(judgePart(plan, off, null, 0.2)).toMatchObject({ state: "failed", code: "books_unbalanced" });
    const fewer = books(counts(10, 0), { members: 11 });
    expect(judgePart(plan, fewer, null, 0.2)).toMatchObject({ state: "failed", code: "books_unbalanced" });
  });

  it("tells what stopped it while shards are missing, and is partial when nothing did", () => {
    const some = books(counts(10, 0), { members: 30, shards: { done: 1, total: 3 } });
    const failure = { code: "output_io", message: "writing: EIO" } as const;
    expect(judgePart(plan, some, failure, 0.2)).toMatchObject({ state: "failed", code: "output_io" });
    expect(judgePart(plan, some, null, 0.2)).toBeNull();
    expect(judgePart(null, null, failure, 0.2)).toMatchObject({ state: "failed", code: "output_io" });
  });
});
