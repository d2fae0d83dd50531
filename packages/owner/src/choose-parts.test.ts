import type { PartEnd } from "@shardmill/core";
import { type Books, noQueue } from "@shardmill/pipeline";
import { describe, expect, it } from "vitest";
import { aPartEnd } from "../../core/testing/records.ts";
import { buildOf } from "../testing/build-of.ts";
import { chooseParts } from "./choose-parts.ts";

const none: Books = { plans: [], manifests: [], ends: [], annotations: [] };
const labels = (of: readonly { label: string }[]): string[] => of.map(({ label }) => label);

function end(part: number, state: PartEnd["state"]): PartEnd {
  return aPartEnd({ part, state, build: "openvid-1m-test" });
}

describe("the parts of a build request", () => {
  it("are those that the source has and that are not at work; of unplanned ones there are estimates", () => {
    const queue = { running: new Set(["p0002"]), queued: new Set(["p0003"]) };
    const build = buildOf(5, [1]);
    const [usual, ...small] = build.parts;
    if (usual === undefined) throw new Error("expected parts");
    const piece = { path: "OpenVid_part0.zip", sizeBytes: 45_000_000_000, oid: null, sha256: null };
    const parts = [{ ...usual, pieces: [piece] }, ...small];
    const { items, leftAlone } = chooseParts({ ...build, parts }, none, queue, false);
    expect(labels(items)).toEqual(["p0000", "p0004"]);
    expect(leftAlone).toBe(3);
    expect(items[0]).toMatchObject({
      order: { kind: "missing" },
      why: "missing: not planned yet; figures are estimates",
      samples: 5500,
      shards: 550,
      bytes: 45_000_000_000,
    });
    // What a usual part holds says nothing of one of a megabyte.
    const why = "missing: not planned yet";
    expect(items[1]).toMatchObject({ why, samples: null, shards: null, bytes: 1_000_000 });
  });

  it("leave adopted ones alone, until a rebuild is asked for, which takes all that the source has", () => {
    const books = { ...none, ends: [end(0, "adopted")] };
    const chosen = chooseParts(buildOf(3, [2]), books, noQueue, false);
    expect([labels(chosen.items), chosen.adopted]).toEqual([["p0001"], [{ subset: null, part: 0 }]]);
    const again = chooseParts(buildOf(3, [2]), books, noQueue, true);
    expect(again.items.map(({ label, order }) => [label, order.kind])).toEqual([
      ["p0000", "rebuild"],
      ["p0001", "rebuild"],
    ]);
    expect(again.adopted).toEqual([]);
  });

  it("are those that were asked for, not all that the record knows", () => {
    const build = { ...buildOf(3), selected: [{ subset: null, part: 1 }] };
    expect(labels(chooseParts(build, none, noQueue, false).items)).toEqual(["p0001"]);
  });
});
