import { expect, it } from "vitest";
import {
  aBuildRecord,
  aDataset,
  aListedPart,
  anAnnotationsRecord,
  aPlan,
} from "../../../core/testing/records.ts";
import { noQueue, statusOf } from "./read-status.ts";

/** Two parts whose members use so many annotations each, of five. */
function statusWith(...used: readonly [number, number]) {
  const dataset = aDataset({
    annotations: { kind: "files", files: [{ path: "q.json", format: "json" }], key: "video" },
  });
  const build = aBuildRecord({ dataset, parts: [0, 1].map((part) => aListedPart({ part })) });
  const plans = used.map((annotationsUsed, part) => aPlan({ part, annotationsUsed }));
  const counted = [anAnnotationsRecord({ count: 5 })];
  return statusOf(build, { plans, manifests: [], ends: [], annotations: counted }, noQueue);
}

it("counts the annotations without a member once every part is planned", () => {
  const { totals, remarks } = statusWith(2, 1);
  expect([totals.unmatched, remarks]).toEqual([2, []]);
});

it("says so where the media of some lie in several parts, and never counts below none", () => {
  const { totals, remarks } = statusWith(5, 3);
  expect(totals.unmatched).toBe(0);
  expect(remarks).toEqual([expect.stringMatching(/^annotations were used twice \(3 or more\): /)]);
});
