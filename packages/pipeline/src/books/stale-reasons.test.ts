import { type BuildRecord, type FileIdentity, hashOf, type PartPlan } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { aBuildRecord, aListedPart, aPlan, toyHash } from "../../../core/testing/records.ts";
import { staleReasons } from "./stale-reasons.ts";

const other = hashOf("other");
const file = (path: string, more: Partial<FileIdentity> = {}): FileIdentity => ({
  path,
  sizeBytes: 10,
  sha256: toyHash,
  oid: null,
  ...more,
});
const planned = (over: Parameters<typeof aPlan>[0] = {}): PartPlan =>
  aPlan({
    subset: "a",
    pieces: [file("a.zip")],
    annotationFiles: [{ path: "a.csv", content: "sha256:1" }],
    ...over,
  });
const listed = (over: Parameters<typeof aListedPart>[0] = {}): BuildRecord["parts"][number] =>
  aListedPart({
    subset: "a",
    pieces: [file("a.zip")],
    now: { contentId: toyHash, annotationsId: toyHash },
    ...over,
  });
const annotations = (
  ...files: readonly (readonly [string, string | null, string | undefined])[]
): BuildRecord =>
  aBuildRecord({
    annotationFiles: files.map(([path, subset, content]) => ({
      file: file(path),
      subset,
      set: "records",
      format: "csv",
      ...(content === undefined ? {} : { content }),
    })),
  });

function reasons(part: BuildRecord["parts"][number], build: BuildRecord, plan: PartPlan): string[] {
  return staleReasons(part, build, plan).map(({ code, detail }) => `${code}: ${detail}`);
}

const sameAnnotations = annotations(["a.csv", "a", "sha256:1"]);
const otherContent = { contentId: other, annotationsId: toyHash };
const otherAnnotations = { contentId: toyHash, annotationsId: other };

describe("a plan is not stale", () => {
  it("of the content, the annotations and the recipe that there are", () => {
    expect(reasons(listed(), sameAnnotations, planned())).toEqual([]);
  });

  it("for files that only moved or have another stamp, where the content is the same", () => {
    expect(reasons(listed({ pieces: [file("b.zip")] }), sameAnnotations, planned())).toEqual([]);
  });

  it("of a source that nobody has looked at since", () => {
    expect(reasons(listed({ now: null }), annotations(), planned())).toEqual([]);
    expect(reasons(aListedPart({ subset: "a" }), annotations(), planned())).toEqual([]);
  });
});

describe("a plan is stale, and says why", () => {
  it("for another recipe", () => {
    expect(reasons(listed(), sameAnnotations, planned({ recipeHash: other }))).toEqual([
      "recipe_changed: the recipe changed",
    ]);
  });

  it("for files that are others, more or fewer, by name and at most three of them", () => {
    const now = (...pieces: readonly FileIdentity[]) => listed({ pieces: [...pieces], now: otherContent });
    const of = (...pieces: readonly FileIdentity[]) => planned({ pieces: [...pieces] });
    const detail = (part: BuildRecord["parts"][number], plan: PartPlan) =>
      reasons(part, sameAnnotations, plan)[0]?.replace("source_changed: ", "");
    expect(detail(now(file("a.zip", { sha256: other })), planned())).toBe("a.zip changed");
    expect(detail(now(file("a.zip"), file("b.zip")), planned())).toBe("b.zip changed");
    expect(detail(now(file("a.zip")), of(file("a.zip"), file("b.zip")))).toBe("b.zip changed");
    // Nothing that the listing tells is another: it is the archive's own directory that changed.
    expect(detail(now(file("a.zip")), planned())).toBe("a.zip changed");
    const many = ["1", "2", "3", "4", "5"].map((path) => file(path));
    expect(detail(now(...many), of())).toBe("1, 2, 3 and 2 more files changed");
    expect(detail(now(...many.slice(0, 3)), of())).toBe("1, 2, 3 changed");
  });

  it("for annotation files that changed, came or went", () => {
    const part = listed({ now: otherAnnotations });
    const detail = (build: BuildRecord, plan: PartPlan) =>
      reasons(part, build, plan)[0]?.replace("source_changed: ", "");
    expect(detail(annotations(["a.csv", "a", "sha256:2"]), planned())).toBe("a.csv changed");
    expect(detail(annotations(["all.csv", null, "sha256:2"], ["a.csv", "a", "sha256:1"]), planned())).toBe(
      "all.csv changed",
    );
    expect(detail(annotations(["b.csv", "b", "sha256:2"]), planned())).toBe("a.csv is no longer there");
    expect(detail(annotations(["c.csv", "a", "sha256:2"]), planned())).toBe(
      "c.csv changed; a.csv is no longer there",
    );
  });

  it("without a name, where no file tells: the catalogue changed, or the plan is of 0.1", () => {
    const told = ["source_changed: the annotations, or what the catalogue says of them, changed"];
    expect(reasons(listed({ now: otherAnnotations }), sameAnnotations, planned())).toEqual(told);
    const old = planned({ annotationFiles: null });
    expect(reasons(listed({ now: otherAnnotations }), annotations(["a.csv", "a", "sha256:2"]), old)).toEqual(
      told,
    );
  });

  it("for each reason there is, in one order", () => {
    const now = { contentId: other, annotationsId: other };
    const part = listed({ pieces: [file("a.zip", { sha256: other })], now });
    const build = annotations(["a.csv", "a", "sha256:2"]);
    expect(reasons(part, build, planned({ recipeHash: other, isBeingReplaced: true }))).toEqual([
      "recipe_changed: the recipe changed",
      "source_changed: a.zip changed",
      "source_changed: a.csv changed",
    ]);
  });

  it("where it was being replaced, though all is as it was", () => {
    expect(reasons(listed(), sameAnnotations, planned({ isBeingReplaced: true }))).toEqual([
      "source_changed: it was being planned anew, and that was stopped",
    ]);
  });
});
