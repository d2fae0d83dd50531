import { openRecords, type Store } from "@shardmill/store";
import { afterEach, beforeEach, expect, it } from "vitest";
import { toyStore, writeOutput } from "../../testing/outputs.ts";
import { tryOutputFacts } from "../facts/read-output-facts.ts";
import { printedSet } from "./printed-set.ts";

const signal = new AbortController().signal;
let store: Store;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ store, remove } = await toyStore());
});
afterEach(() => remove());

it("has every turn of a member in its group, and no sample that is withdrawn", async () => {
  await writeOutput(store, { name: "clips", shards: [{ positions: [0, 1], turns: 2 }] });
  const records = openRecords(store, "clips");
  const facts = await tryOutputFacts(records);
  if (facts === null || "problem" in facts) throw new Error("not whole");
  const [shard] = facts.shards;
  if (shard === undefined) throw new Error("no shard");
  const withdrawn = [{ key: "clips-p0000-000001-t0", frames: 2, tokens: null, durationMs: 0 }];
  let decoded = 0;
  const printOf = async (): Promise<string> => {
    decoded += 1;
    return "0123456789abcdef";
  };
  const told: string[] = [];
  const set = await printedSet(records, facts, [{ ...shard, withdrawn }], {
    signal,
    printOf,
    onProgress: ({ name, done, of, made }) => void told.push(`${name} ${done}/${of} ${made}`),
  });
  expect(told).toEqual(["clips 0/1 0", "clips 1/1 1"]);
  const samples = await set.read(shard.shard, signal);
  expect(samples.map(({ key }) => key)).toEqual([
    "clips-p0000-000000-t0",
    "clips-p0000-000000-t1",
    "clips-p0000-000001-t1",
  ]);
  const [first, second, other] = samples.map(({ group }) => group);
  expect(first).toMatch(/^member:/);
  expect(second).toBe(first);
  expect(other).not.toBe(first);
  // Of a clip of two frames the first is its middle too: two prints for each sample, made once.
  expect(decoded).toBe(2 * 4);
});
