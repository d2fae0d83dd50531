import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { descendants, isAlive, killHard, processesOf } from "../faults/processes.ts";
import { shortWaits } from "../faults/short-waits.ts";
import { until } from "../faults/until.ts";
import { leftovers, shardHashes } from "../support/read-shards.ts";
import { startShardmill } from "../support/shardmill.ts";
import { TextHouse } from "./text-house.ts";

/** kill -9 while an output is tokenized, through the real command line. */
const rows = 1_200;
const shards = 60;
let house: TextHouse;
let reference: string[];
const settings = ["--recipe", "seed-stage3"];

const entry = `name: my-talk
title: My own talk
keyPrefix: talk
sourceName: mine
license: CC-BY-4.0
source: { kind: folder }
parts: [{ archive: table, path: "talk-{part}.jsonl" }]
media: none
annotations: { kind: rows, format: jsonl }
text: { adapter: question-answer }
recipe: { samplesPerShard: 20 }
`;

beforeAll(async () => {
  const lines = Array.from({ length: rows }, (_, row) =>
    JSON.stringify({ question: `Question ${row}?`, answer: `A small answer, number ${row}. `.repeat(40) }),
  );
  house = await TextHouse.open({ "talk-0.jsonl": `${lines.join("\n")}\n` });
  await house.addEntry("my-talk", entry);
  const built = await house.run("build", "my-talk", "--source", house.source, "--out", house.out());
  expect(built.code, built.stderr).toBe(0);
  const made = await house.tokenize("my-talk", "whole", settings);
  expect(made.code, made.stderr).toBe(0);
  reference = Object.values(shardHashes(house.folder("whole")));
  expect(reference.length).toBe(shards);
});
afterAll(() => house.close());

function committed(output: string): number {
  const folder = join(house.folder(output), ".shardmill/manifests");
  if (!existsSync(folder)) return 0;
  return readdirSync(folder).filter((name) => name.endsWith(".json") && !name.startsWith(".")).length;
}

const isInTheMiddle = (output: string): boolean => committed(output) > 0 && committed(output) < shards;

async function expectWhole(output: string): Promise<void> {
  // A tar holds keys, which are those of the dataset: its own name is not in it.
  expect(Object.values(shardHashes(house.folder(output)))).toEqual(reference);
  expect(leftovers(house.folder(output))).toEqual([]);
  const verified = await house.run("verify", house.folder(output));
  expect(verified.code, verified.stdout).toBe(0);
}

describe("kill -9 in the middle of tokenizing", () => {
  it("of the command: the same command goes on, and the bytes are the same", async () => {
    const args = house.tokenizeArgs("my-talk", "killed", settings);
    const running = startShardmill(args, { ...house.environment, ...shortWaits });
    await until("a shard committed", () => isInTheMiddle("killed"));
    const family = descendants(running.child.pid!);
    killHard(running.child.pid!);
    await running.ended;
    await until("no orphan", () => family.every(({ pid }) => !isAlive(pid)));
    const left = committed("killed");
    expect(left).toBeLessThan(shards);
    const ended = await house.run(...args);
    expect(ended.code, ended.stderr).toBe(0);
    await expectWhole("killed");
  });

  it("of the worker: another takes over", async () => {
    const args = house.tokenizeArgs("my-talk", "taken-over", settings);
    const running = startShardmill(args, { ...house.environment, ...shortWaits });
    await until("a shard committed", () => isInTheMiddle("taken-over"));
    const [worker] = processesOf(running.child.pid!, "worker");
    expect(killHard(worker!.pid)).toBe(true);
    const ended = await running.ended;
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toContain("another one takes over");
    // What the dead worker left is swept at the start of the next run.
    expect((await house.run(...args)).code).toBe(0);
    await expectWhole("taken-over");
  });
});
