import { describe, expect, it } from "vitest";
import {
  aBuildRecord,
  aListedPart,
  aManifest,
  anAnnotationsRecord,
  aPartEnd,
  aPlan,
  aRange,
} from "../testing/records.ts";
import {
  readableAnnotations,
  readableBuild,
  readableManifest,
  readablePartEnd,
  readablePlan,
} from "./readable-records.ts";
import type { BuildRecord } from "./records.ts";

/** A record of today as 0.1 would have written it: without what it did not know, under its version. */
function of01(record: object, ...unknown: string[]): Record<string, unknown> {
  return {
    ...Object.fromEntries(Object.entries(record).filter(([key]) => !unknown.includes(key))),
    version: 1,
  };
}

const without = (record: object, key: string) =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));

describe("a record of 0.1", () => {
  it("is one of today: a plan knows no digests, no revision and no files of annotations", () => {
    const plan = aPlan({ ranges: [aRange()], members: 2 });
    const old = {
      ...of01(plan, "remarks", "revision", "annotationFiles"),
      ranges: plan.ranges.map((range) => without(range, "digest")),
    };
    expect(readablePlan.safeParse(old)).toEqual({ success: true, data: plan });
  });

  it("a manifest knows no digest of its range", () => {
    const manifest = aManifest();
    const old = of01(manifest, "rangeDigest", "remarks");
    expect(readableManifest.safeParse(old)).toEqual({ success: true, data: manifest });
  });

  it("the end of a part and the record of the annotations are as they were", () => {
    const end = aPartEnd({ state: "failed", code: "decode_error", detail: "why" });
    expect(readablePartEnd.safeParse(of01(end))).toEqual({ success: true, data: end });
    const annotations = anAnnotationsRecord();
    const old = of01(annotations, "remarks");
    expect(readableAnnotations.safeParse(old)).toEqual({ success: true, data: annotations });
  });

  it("a build asked for what its last request took: everything, if that was all that the source had", () => {
    const absent = { code: "part_absent" as const, reason: "not at the source" };
    const parts = [aListedPart({ part: 0 }), aListedPart({ part: 1 }), aListedPart({ part: 2, absent })];
    const ids = (...numbers: number[]) => numbers.map((part) => ({ subset: null, part }));
    const read = (selected: BuildRecord["selected"]) => {
      const record = aBuildRecord({ parts, selected });
      const old = {
        ...of01(record, "asked"),
        parts: parts.map((part) => without(without(part, "now"), "revision")),
        dataset: without(record.dataset, "subsetNames"),
      };
      const found = readableBuild.safeParse(old);
      expect(found).toMatchObject({ success: true, data: { ...record, asked: { parts: selected } } });
      return found.data?.asked.everything;
    };
    expect(read(ids(1))).toBe(false);
    expect(read(ids(0, 1))).toBe(true);
  });

  it("with something in it that 0.1 cannot have written is damaged, whatever today's form would say of it", () => {
    expect(readablePlan.safeParse({ ...aPlan(), version: 1, contentId: "short" }).success).toBe(false);
    expect(readableManifest.safeParse({ version: 1 }).success).toBe(false);
  });
});

it("a record without a version, or with one of no number, is none", () => {
  expect(readablePlan.safeParse(without(aPlan(), "version")).success).toBe(false);
  expect(readablePlan.safeParse({ ...aPlan(), version: "2" }).success).toBe(false);
  expect(readablePlan.safeParse(null).success).toBe(false);
});
