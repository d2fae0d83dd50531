import { expect, it } from "vitest";
import { workLeft } from "./work-left.ts";

const part = (state: "done" | "queued" | "running" | "missing", members: number | null, packed = 0) => ({
  ...{ state, members, packed, failed: 0, skipped: 0 },
});

it("counts what is at work, less what running shards have done, and unplanned parts as the others on average", () => {
  const parts = [part("done", 100, 100), part("running", 60, 20), part("queued", null), part("missing", 50)];
  // 40 left of the second; (100 + 60 + 50) / 3 = 70 expected of the third.
  expect(workLeft(parts, { usual: 9, inShards: 10 })).toEqual({ members: 100, estimated: 70 });
});

it("before any part is planned goes by what the catalogue expects, and by nothing without it", () => {
  expect(workLeft([part("queued", null)], { usual: 9, inShards: 0 })).toEqual({ members: 9, estimated: 9 });
  expect(workLeft([part("queued", null)], { usual: null, inShards: 0 })).toEqual({
    members: 0,
    estimated: 0,
  });
});
