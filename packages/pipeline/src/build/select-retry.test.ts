import type { BuildRecord, PartPlan } from "@shardmill/core";
import { expect, it } from "vitest";
import {
  aBuildRecord,
  aListedPart,
  aManifest,
  anAnnotationsRecord,
  aPlan,
  aRange,
} from "../../../core/testing/records.ts";
import { askedAfter, withAsked } from "../books/asked-parts.ts";
import { noQueue, statusOf } from "../books/read-status.ts";
import { selectRetry } from "./select-retry.ts";

const part = (subset: string | null, number: number) => aListedPart({ subset, part: number });
const absent = aListedPart({ part: 9, absent: { code: "part_absent", reason: "no file" } });

function build(more: Partial<BuildRecord>): BuildRecord {
  return aBuildRecord({ parts: [0, 1, 2, 10].map((number) => part(null, number)).concat(absent), ...more });
}

function missing(
  record: BuildRecord,
  parts: string | null = null,
  all = false,
  plans: PartPlan[] = [],
): string[] {
  const status = statusOf(record, { plans, manifests: [], ends: [], annotations: [] }, noQueue);
  const asked = parts === null ? null : [{ list: "parts" as const, text: parts }];
  return selectRetry(status, { kind: "missing", parts: asked, all }).map(({ label }) => label);
}

const ids = (...numbers: number[]) => numbers.map((number) => ({ subset: null, part: number }));

it("what is missing is missing of the parts that builds have asked for; all and named parts go beyond", () => {
  const record = build({ asked: askedAfter(null, false, ids(1)), selected: ids(1) });
  expect(missing(record)).toEqual(["p0001"]);
  expect(missing(record, null, true)).toEqual(["p0000", "p0001", "p0002", "p0010"]);
  expect(missing(record, "p0010,0")).toEqual(["p0000", "p0010"]);
  expect(() => missing(record, "p0011")).toThrow("toy has no part p0011; it has 5 parts");
});

it("keeps what earlier builds asked for, and everything once it was", () => {
  const first = build({ asked: askedAfter(null, false, ids(1)) });
  const second = { ...first, selected: ids(2), asked: askedAfter(first, false, ids(2)) };
  expect(missing(second)).toEqual(["p0001", "p0002"]);
  const third = withAsked(second, true, ids(0));
  const fourth = { ...third, asked: askedAfter(third, false, ids(1)) };
  // A part that the source has gained since is covered too.
  expect(missing({ ...fourth, parts: [...fourth.parts, part(null, 11)] })).toEqual([
    "p0000",
    "p0001",
    "p0002",
    "p0010",
    "p0011",
  ]);
});

it("what was begun is missing as long as it is not whole, whoever asked for it", () => {
  const record = build({ asked: { everything: false, parts: ids(1) } });
  const plan = aPlan({ part: 10, ranges: [aRange({ shard: "toy-p0010-0000" })] });
  expect(missing(record, null, false, [plan])).toEqual(["p0001", "p0010"]);
});

it("damaged shards go to the part whose label they begin with, not to one whose label they hold", () => {
  const record = build({ parts: [part("a", 0), part("x-a", 0)], asked: { everything: true, parts: [] } });
  const status = statusOf(record, { plans: [], manifests: [], ends: [], annotations: [] }, noQueue);
  const items = selectRetry(status, { kind: "corrupt", parts: null, shards: ["toy-x-a-p0000-0001"] });
  expect(items.map(({ label }) => label)).toEqual(["x-a-p0000"]);
});

it("remarks of a part are one for each code: plan and shards added up, the first detail kept", () => {
  const record = build({ asked: { everything: true, parts: [] } });
  const remark = { code: "annotation_invalid" as const, detail: "first", count: 2 };
  const plans = [aPlan({ part: 1, remarks: [remark] })];
  const manifests = [0, 1].map((range) =>
    aManifest({
      part: 1,
      range,
      remarks: [
        { ...remark, detail: `later ${range}` },
        { code: "not_media", detail: `new ${range}`, count: 1 },
      ],
    }),
  );
  const annotations = ["a", "b"].map((subset) => anAnnotationsRecord({ subset, remarks: [remark] }));
  const books = { plans, manifests, ends: [], annotations };
  const status = statusOf(record, books, noQueue);
  expect(status.parts[1]?.remarks).toEqual([
    { code: "annotation_invalid", detail: "first", count: 6 },
    { code: "not_media", detail: "new 0", count: 2 },
  ]);
  expect(status.annotationRemarks).toEqual([{ ...remark, count: 4 }]);
});
