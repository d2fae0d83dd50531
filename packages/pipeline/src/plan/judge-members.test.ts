import { type AnnotationRecord, memberIdentity } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { aDataset } from "../../../core/testing/records.ts";
import { judgeMembers, type ListedMember, leftOutLine, type Matches } from "./judge-members.ts";

const annotations = (match: readonly ("exact" | "without-subset" | "basename" | "stem")[]) => ({
  kind: "files" as const,
  files: [{ path: "captions.csv", format: "csv" as const }],
  key: "name",
  match: [...match],
});
const dataset = aDataset({ annotations: annotations(["basename"]) });
const rulesOf = (of: typeof dataset, where?: string) => ({
  dataset: of,
  recipe: { records: "merge" as const, where },
});
const record = (caption: string, more: Record<string, unknown> = {}): AnnotationRecord => ({
  set: "records",
  fields: { caption, ...more },
});
const listed = (...names: readonly string[]): ListedMember[] =>
  names.map((name, position) => ({ position, name, at: { offset: position } }));

function fates(of: typeof dataset, members: readonly ListedMember[], matches: readonly Matches[]): string[] {
  const judged = judgeMembers(rulesOf(of), members, matches, new Set());
  const lines = judged.leftOut.map(({ position, code }) => [position, code] as const);
  return [...judged.planned.map(({ position }) => [position, "planned"] as const), ...lines]
    .sort(([a], [b]) => a - b)
    .map(([, fate]) => fate ?? "");
}

describe("before anything is decoded, a member", () => {
  it("is planned with its records, of which only what a sample is made of is kept", () => {
    const judged = judgeMembers(
      rulesOf(dataset),
      listed("v/a.mp4"),
      [[record("x", { unread: 1 })]],
      new Set(),
    );
    expect(judged).toEqual({
      planned: [
        {
          position: 0,
          name: "v/a.mp4",
          at: { offset: 0 },
          records: [{ set: "records", fields: { caption: "x" } }],
        },
      ],
      leftOut: [],
      annotationsUsed: 1,
    });
  });

  it("is left out by its name, then as a second of its name, then by its annotation", () => {
    const members = listed("a.txt", "x/b.mp4", "y/b.mp4", "c.mp4", "d.mp4", "._e.mp4", "f.mp4");
    const one = [record("x")];
    expect(fates(dataset, members, [one, one, one, [], "ambiguous", one, one])).toEqual([
      "not_media",
      "planned",
      "duplicate_name",
      "no_annotation",
      "ambiguous_annotation",
      "not_media",
      "planned",
    ]);
  });

  it("that was left out keeps its name for itself: the first of a name counts, whatever became of it", () => {
    expect(fates(dataset, listed("x/b.mp4", "y/b.mp4"), [[], [record("x")]])).toEqual([
      "no_annotation",
      "duplicate_name",
    ]);
  });

  it("is known by its whole path where annotations are joined on that", () => {
    const byPath = aDataset({ annotations: annotations(["exact", "basename"]) });
    expect(fates(byPath, listed("x/b.mp4", "y/b.mp4", "x/b.mp4"), Array(3).fill([record("x")]))).toEqual([
      "planned",
      "planned",
      "duplicate_name",
    ]);
    expect(memberIdentity(byPath, "x/b.mp4")).toBe("x/b.mp4");
    expect(memberIdentity(dataset, "x/cafe\u0301.mp4")).toBe("caf\u00e9.mp4");
  });

  it("of a stream is judged with the names that were met before it", () => {
    const seen = new Set<string>();
    const judge = (name: string) => judgeMembers(rulesOf(dataset), listed(name), [[record("x")]], seen);
    expect(judge("x/a.mp4").planned).toHaveLength(1);
    expect(judge("y/a.mp4").leftOut).toMatchObject([{ code: "duplicate_name" }]);
  });

  it("that is a run of pictures in a folder has no ending to be judged by", () => {
    const folder = [{ position: 0, name: "frames/7", at: {}, isFolder: true }];
    expect(fates(dataset, folder, [[record("x")]])).toEqual(["planned"]);
    expect(fates(dataset, [{ ...folder[0], isFolder: false } as ListedMember], [[record("x")]])).toEqual([
      "not_media",
    ]);
  });

  it("is left out by what is asked of its records, which have met it all the same", () => {
    const rules = rulesOf(dataset, "caption contains 'dog' and duration > 5");
    const found = [[record("a dog")], [record("a cat")], []];
    const judged = judgeMembers(rules, listed("a.mp4", "b.mp4", "c.mp4"), found, new Set());
    expect(judged.planned.map(({ name }) => name)).toEqual(["a.mp4"]);
    expect(judged.leftOut.map(({ code, detail }) => [code, detail])).toEqual([
      ["filtered", 'caption contains "dog"'],
      ["no_annotation", expect.anything()],
    ]);
    expect(judged.annotationsUsed).toBe(2);
  });

  it("counts all the records that it uses, and none of a member that is left out", () => {
    const two = [record("x"), record("y")];
    const judged = judgeMembers(rulesOf(dataset), listed("a.mp4", "b.txt"), [two, two], new Set());
    expect(judged.annotationsUsed).toBe(2);
  });
});

it("the line of a member that is left out says what its code means", () => {
  const line = leftOutLine({ position: 4, name: "a.mp4" }, { code: "bad_crc", detail: "expected 1" });
  expect(line).toEqual({
    position: 4,
    member: "a.mp4",
    outcome: "failed",
    key: null,
    code: "bad_crc",
    detail: "expected 1",
    attempt: 1,
    frames: null,
  });
});
