import { hashOf, type Manifest } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { aManifest, aPlan, aRange } from "../../../core/testing/records.ts";
import { holdsContent, isOfPlan, isSameWork } from "./valid-manifest.ts";

const [digest, other] = [hashOf("members"), hashOf("other")];
const plan = aPlan({ ranges: [aRange({ digest })] });
const shard = (over: Partial<Manifest> = {}): Manifest => aManifest({ rangeDigest: digest, ...over });

it("two plans are of one work by content, annotations and recipe, and by nothing else", () => {
  expect(isSameWork(plan, { ...plan, ranges: [], part: 9, members: 7 } as never)).toBe(true);
  for (const key of ["contentId", "annotationsId", "recipeHash"])
    expect(isSameWork(plan, { ...plan, [key]: other }), key).toBe(false);
});

describe("a range's shard is of a plan", () => {
  it("by its members' digest, whatever else of the annotations changed", () => {
    expect(isOfPlan(shard(), plan)).toBe(true);
    expect(isOfPlan(shard({ annotationsId: other }), plan)).toBe(true);
    expect(isOfPlan(shard({ rangeDigest: other }), plan)).toBe(false);
    expect(isOfPlan(shard({ rangeDigest: null }), plan)).toBe(false);
  });

  it("never of another recipe or content", () => {
    expect(isOfPlan(shard({ recipeHash: other }), plan)).toBe(false);
    expect(isOfPlan(shard({ contentId: other }), plan)).toBe(false);
  });

  it("of another content where its members tell of their own", () => {
    for (const archive of ["images", "urls", "roots"] as const)
      expect(isOfPlan(shard({ contentId: other }), { ...plan, archive }), archive).toBe(true);
    for (const archive of ["zip", "tar", "tar.gz", "parquet"] as const)
      expect(holdsContent({ archive }), archive).toBe(false);
  });

  it("without digests, as 0.1 wrote them, only of the very annotations", () => {
    const old = aPlan({ ranges: [aRange()] });
    expect(isOfPlan(shard({ rangeDigest: null }), old)).toBe(true);
    expect(isOfPlan(shard({ rangeDigest: null, annotationsId: other }), old)).toBe(false);
    expect(isOfPlan(shard(), old)).toBe(false);
  });

  it("that does not name its range yet, as a stream's may not, only of the very annotations", () => {
    const open = aPlan({ open: true, ranges: [] });
    expect(isOfPlan(shard(), open)).toBe(true);
    expect(isOfPlan(shard({ annotationsId: other }), open)).toBe(false);
    const renamed = aPlan({ ranges: [aRange({ shard: "toy-p0000-0009", digest })] });
    expect(isOfPlan(shard({ annotationsId: other }), renamed)).toBe(false);
  });
});

describe("a supplement is of a plan", () => {
  const extra = shard({ shard: "toy-p0000-r01", range: null, supplement: 1 });

  it("of the very annotations, or where the plan has kept it by its digest", () => {
    expect(isOfPlan(extra, plan)).toBe(true);
    expect(isOfPlan({ ...extra, annotationsId: other }, plan)).toBe(false);
    const keeping = { ...plan, keptSupplements: [digest] };
    expect(isOfPlan({ ...extra, annotationsId: other }, keeping)).toBe(true);
    expect(isOfPlan({ ...extra, annotationsId: other, rangeDigest: other }, keeping)).toBe(false);
    expect(isOfPlan({ ...extra, annotationsId: other, rangeDigest: null }, keeping)).toBe(false);
  });

  it("never of another recipe, kept or not", () => {
    expect(isOfPlan({ ...extra, recipeHash: other }, { ...plan, keptSupplements: [digest] })).toBe(false);
  });
});
