import { describe, expect, it } from "vitest";
import { partOrderSchema, type ShardTask, shardTaskSchema, taskLabel } from "./part-order.ts";

const tasks: readonly (readonly [ShardTask, string])[] = [
  [{ kind: "range", range: 3 }, "0003"],
  [{ kind: "stream" }, "stream"],
  [{ kind: "supplement", number: 2, codes: ["bad_crc"] }, "r02"],
  [{ kind: "repair", shard: "toy-ai2d-p0003-0007" }, "fix_0007"],
  [{ kind: "repair", shard: "toy-p0003-r01" }, "fix_r01"],
];

describe("a task of a part", () => {
  it.each(tasks)("%o is %s within it, and the same after it has travelled", (task, label) => {
    expect(taskLabel(task)).toBe(label);
    expect(shardTaskSchema.parse(JSON.parse(JSON.stringify(task)))).toEqual(task);
  });

  it("has a label of its own", () => {
    expect(new Set(tasks.map(([task]) => taskLabel(task))).size).toBe(tasks.length);
  });

  it.each([
    { kind: "range", range: -1 },
    { kind: "supplement", number: 0, codes: [] },
    { kind: "supplement", number: 1, codes: ["no_such_code"] },
    { kind: "sweep" },
  ])("is refused where it is none: %o", (task) => {
    expect(shardTaskSchema.safeParse(task).success).toBe(false);
  });
});

it("an order for a part travels with its job, and a code that does not exist stops it", () => {
  const order = { kind: "failed-samples", codes: ["decode_timeout"] };
  expect(partOrderSchema.parse(JSON.parse(JSON.stringify(order)))).toEqual(order);
  expect(partOrderSchema.safeParse({ ...order, codes: ["sunspots"] }).success).toBe(false);
});
