import { type Counts, hashOf, isBalanced, type Manifest, noCounts } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { aManifest, aPlan, aRange } from "../../../core/testing/records.ts";
import { addUpPart } from "./part-books.ts";

const counts = (packed: number, failed: number, skipped = 0, byCode: Counts["byCode"] = {}): Counts => ({
  members: packed + failed + skipped,
  packed,
  failed,
  skipped,
  byCode,
});
const tar = { bytes: 10_240, sha256: hashOf("tar"), md5: "b".repeat(32) };
const ranges = [aRange({ range: 0 }), aRange({ range: 1 })];
const plan = aPlan({
  members: 12,
  leftOut: counts(0, 0, 2, { no_annotation: 2 }),
  ranges,
});
const rangeShard = (range: number, over: Partial<Manifest> = {}): Manifest =>
  aManifest({ shard: `toy-p0000-000${range}`, range, tar, annotationsUsed: 5, ...over });
const first = rangeShard(0, { counts: counts(3, 2, 0, { decode_timeout: 2 }), samples: 3, frames: 24 });
const second = rangeShard(1, { counts: counts(4, 1, 0, { bad_crc: 1 }), samples: 4, frames: 32 });
const supplement = aManifest({
  shard: "toy-p0000-r01",
  range: null,
  supplement: 1,
  tar: { ...tar, bytes: 20_480 },
  samples: 1,
  frames: 8,
  annotationsUsed: 1,
  counts: counts(1, 1, 0, { decoder_crash: 1 }),
  supersedes: counts(0, 2, 0, { decode_timeout: 2 }),
});

describe("a part's books", () => {
  it("are what the plan left out and what its ranges made", () => {
    expect(addUpPart(plan, [first, second])).toEqual({
      counts: counts(7, 3, 2, { bad_crc: 1, decode_timeout: 2, no_annotation: 2 }),
      members: 12,
      shards: { done: 2, total: 2 },
      samples: 7,
      frames: 56,
      tokens: null,
      bytes: 20_480,
      annotationsUsed: 10,
    });
  });

  it("count a supplement's members as it found them, in place of what they counted as before", () => {
    const books = addUpPart(plan, [supplement, second, first]);
    expect(books).toMatchObject({
      counts: counts(8, 2, 2, { bad_crc: 1, decoder_crash: 1, no_annotation: 2 }),
      shards: { done: 2, total: 2 },
      samples: 8,
      frames: 64,
      bytes: 40_960,
      annotationsUsed: 10,
    });
    expect(books.counts.byCode).not.toHaveProperty("decode_timeout");
    expect(isBalanced(books.counts)).toBe(true);
    expect(books.counts.members).toBe(plan.members);
  });

  it("have nothing of shards of another content, recipe or cut", () => {
    const nothing = addUpPart(plan, []);
    for (const over of [
      { contentId: hashOf("other") },
      { recipeHash: hashOf("other") },
      { annotationsId: hashOf("other") },
      { rangeDigest: hashOf("other") },
    ])
      expect(addUpPart(plan, [{ ...first, ...over }]), JSON.stringify(over)).toEqual(nothing);
    expect(nothing).toMatchObject({ counts: plan.leftOut, shards: { done: 0, total: 2 }, samples: 0 });
  });

  it("of a shard that packed nothing have its members and no bytes", () => {
    const empty = rangeShard(0, { tar: null, counts: counts(0, 5, 0, { bad_crc: 5 }) });
    expect(addUpPart(plan, [empty])).toMatchObject({ bytes: 0, shards: { done: 1 }, counts: { failed: 5 } });
  });

  it("of a stream know how many shards there will be once its end was seen", () => {
    const open = aPlan({ open: true, members: null, leftOut: noCounts, ranges: [aRange()] });
    const one = rangeShard(0, { counts: counts(5, 0) });
    expect(addUpPart(open, [one])).toMatchObject({ members: null, shards: { done: 1, total: null } });
    expect(addUpPart({ ...open, members: 5 }, [one])).toMatchObject({
      members: 5,
      shards: { done: 1, total: 1 },
    });
  });

  it("take the annotations used from the plan where it tells", () => {
    expect(addUpPart({ ...plan, annotationsUsed: 9 }, [first, supplement]).annotationsUsed).toBe(9);
  });
});
