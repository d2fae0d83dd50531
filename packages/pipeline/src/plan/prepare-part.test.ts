import type { PartPlan, PlannedMember } from "@shardmill/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ToyBuild } from "../../testing/toy-build.ts";
import { collect } from "./collect.ts";
import { preparePart } from "./prepare-part.ts";

const signal = new AbortController().signal;
const part = { subset: null, part: 0 };
const missing = { kind: "missing" } as const;
let toy: ToyBuild;
beforeEach(async () => {
  toy = await ToyBuild.open();
});
afterEach(() => toy.close());

function* firstThenKilled<T>(items: Iterable<T>): Generator<T> {
  for (const item of items) {
    yield item;
    throw new Error("killed");
  }
}

it("killed among the files of another plan, a part does not keep the old plan over them", async () => {
  const before = await toy.context();
  expect(await preparePart(before, part, { order: missing, run: 1 }, signal)).toHaveLength(2);
  const planned = await before.records.readPlan(part);

  toy.caption("new", "2");
  const killed = await toy.context();
  const writePlan = killed.records.writePlan.bind(killed.records);
  Object.assign(killed.records, {
    writePlan: (plan: PartPlan, ranges: Iterable<readonly PlannedMember[]>) =>
      writePlan(plan, firstThenKilled(ranges)),
  });
  await expect(preparePart(killed, part, { order: missing, run: 2 }, signal)).rejects.toThrow("killed");

  // The source is as it was: so is what the old plan was made from.
  toy.caption("old", "3");
  const after = await toy.context();
  expect(await preparePart(after, part, { order: missing, run: 3 }, signal)).toHaveLength(2);
  expect(await after.records.readPlan(part)).toEqual(planned);
  const [member] = await collect(after.records.readPlannedMembers(part, 0, signal));
  expect(member?.records[0]?.fields.caption).toBe("old 0");
});
