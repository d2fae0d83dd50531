import type { BuildRecord, LedgerLine } from "@shardmill/core";
import {
  type AskedAway,
  planWithdrawal,
  rewriteShard,
  shardsHolding,
  type WithdrawalPlan,
  withdraw,
} from "@shardmill/pipeline";
import { readSamples, verifyPath } from "@shardmill/shards";
import { openRecords, type Records, type Store } from "@shardmill/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeToyMix, problemsOf } from "../../packages/mixes/testing/make-toy-mix.ts";
import { toyStore, writeOutput } from "../../packages/mixes/testing/outputs.ts";

/** Members with several samples, mixes, and withdrawals that were broken off: over made-up outputs. */
let store: Store;
let remove: () => Promise<void>;
let records: Records;
let build: BuildRecord;
const never = new AbortController().signal;
const shard = "turns-p0000-0000";
const key = (position: number, turn: number): string => `turns-p0000-00000${position}-t${turn}`;

beforeEach(async () => {
  ({ store, remove } = await toyStore());
  const counts = { all: 120, loss: 60, cut: 0 };
  await writeOutput(store, {
    name: "turns",
    recipe: { text: { format: "tokens" } },
    tokenizer: "one",
    shards: [{ positions: [0, 1], turns: 3, tokens: counts, durationMs: 6000 }],
  });
  records = openRecords(store, "turns");
  const own = await records.readBuild();
  if (own === null) throw new Error("the toy has no build");
  build = own;
  const lines = await ledger();
  await records.writeLedger(
    shard,
    lines.map((line, at) => ({ ...line, member: `clip_${at}.mp4`, group: `yt:abcdefghij${at}` })),
  );
});
afterEach(() => remove());

async function ledger(): Promise<LedgerLine[]> {
  const lines: LedgerLine[] = [];
  for await (const line of records.readLedger(shard, never)) lines.push(line);
  return lines;
}

async function planned(asked: Partial<Record<keyof AskedAway, string[]>>): Promise<WithdrawalPlan> {
  const of = (names: string[] = []): Set<string> => new Set(names);
  const sets = { keys: of(asked.keys), members: of(asked.members), groups: of(asked.groups) };
  return planWithdrawal({ records, build }, sets, { reason: null, by: "me", at: "2026-11-27" }, never);
}

async function manifest() {
  const found = await records.readManifest(shard);
  if (found.kind !== "ok") throw new Error("no manifest");
  return found.value;
}

async function told(): Promise<string[]> {
  const { problems } = await verifyPath(`${store.root}/turns`, { deep: false }, never);
  return problems.flatMap(({ code }) => (["withdrawn", "ledger", "sha256"].includes(code) ? [code] : []));
}

describe("a member of several samples", () => {
  it("stays packed until its last one goes, and its figures are those of what is left", async () => {
    await withdraw({ records, build }, await planned({ keys: [key(0, 0), key(0, 2)] }), never);
    expect((await ledger())[0]).toMatchObject({ outcome: "packed", key: key(0, 1) });
    expect((await manifest()).counts).toMatchObject({ packed: 2, skipped: 0 });
    await withdraw({ records, build }, await planned({ keys: [key(0, 1)] }), never);
    expect((await ledger())[0]).toMatchObject({ outcome: "skipped", code: "withdrawn", key: null });
    const marked = await manifest();
    expect(marked.counts).toMatchObject({ packed: 1, skipped: 1, byCode: { withdrawn: 1 } });
    expect(marked.withdrawn?.map((sample) => sample.key)).toEqual([0, 1, 2].map((turn) => key(0, turn)));
    expect(await told()).toEqual([]);
    const rewritten = await rewriteShard({ records, build }, marked, "test", never);
    expect(rewritten).toMatchObject({ samples: 3, tokens: { all: 60, loss: 30 }, durationMs: 3000 });
    const left: string[] = [];
    for await (const sample of readSamples({ store, path: records.paths.tar(shard) }, {}, never))
      left.push(sample.key);
    expect(left).toEqual([0, 1, 2].map((turn) => key(1, turn)));
    expect(await shardsHolding(records)).toEqual([]);
    expect(await told()).toEqual([]);
  });

  it("goes whole by its name, with any folder before it, and by its group", async () => {
    const byName = await planned({ members: ["elsewhere/clip_1.mp4"] });
    expect(byName.shards[0]?.samples.map((sample) => sample.key)).toEqual(
      [0, 1, 2].map((turn) => key(1, turn)),
    );
    const byGroup = await planned({ groups: ["yt:abcdefghij0"] });
    expect(byGroup.shards[0]?.samples.map((sample) => sample.key)).toEqual(
      [0, 1, 2].map((turn) => key(0, turn)),
    );
  });
});

describe("names of a list that are not there", () => {
  it("are told, each as what it was asked for, and go into no list; the others go", async () => {
    const asked = {
      groups: ["yt:nowhere0000", "yt:abcdefghij0"],
      keys: [key(7, 0), key(1, 1)],
      members: ["clip_9.mp4"],
    };
    const plan = await planned(asked);
    expect(plan.unknown).toEqual([
      { kind: "sample", name: key(7, 0) },
      { kind: "member", name: "clip_9.mp4" },
      { kind: "group", name: "yt:nowhere0000" },
    ]);
    await withdraw({ records, build }, plan, never);
    const written = await records.readWithdrawn();
    expect(written.map((line) => line.key ?? line.group)).toEqual([
      "yt:abcdefghij0",
      ...[0, 1, 2].map((turn) => key(0, turn)),
      key(1, 1),
    ]);
    expect(await told()).toEqual([]);
    const again = await planned(asked);
    expect(again).toMatchObject({ unknown: plan.unknown, already: 2, lines: [], shards: [] });
  });
});

describe("a withdrawal that was broken off", () => {
  it("is told by verify and finished with the path alone, behind the list as behind the manifest", async () => {
    const plan = await planned({ members: ["clip_0.mp4"] });
    await records.addWithdrawn(plan.lines);
    expect(await told()).toEqual(["withdrawn"]);
    const before = await ledger();
    await withdraw({ records, build }, await planned({}), never);
    expect(await told()).toEqual([]);
    const whole = [await manifest(), await ledger()];
    await records.writeLedger(shard, before);
    expect(await told()).toContain("ledger");
    await withdraw({ records, build }, await planned({}), never);
    expect([await manifest(), await ledger()]).toEqual(whole);
    expect(await records.readWithdrawn()).toHaveLength(4);
  });

  it("never takes a shard away whose tar is not what its manifest says", async () => {
    await withdraw({ records, build }, await planned({ keys: [key(0, 0)] }), never);
    const tar = Buffer.from((await store.read(records.paths.tar(shard))) ?? []);
    await store.put(records.paths.tar(shard), tar.fill(7, 600, 601));
    const marked = await manifest();
    await expect(rewriteShard({ records, build }, marked, "test", never)).rejects.toMatchObject({
      code: "shard_invalid",
    });
    expect(await manifest()).toEqual(marked);
  });
});

it("is gone from a mix, counted there, and told", async () => {
  const yaml = "title: T\nsets: [turns]\n";
  const before = (await makeToyMix(store, yaml)).plan;
  await withdraw({ records, build }, await planned({ members: ["clip_1.mp4"] }), never);
  const mixed = await makeToyMix(store, yaml);
  expect(problemsOf(mixed)).toEqual([]);
  expect(mixed.plan?.sums).toMatchObject({ samples: 3, tokens: { all: 60, loss: 30 }, durationMs: 3000 });
  expect(mixed.plan?.sets[0]?.excluded.map((one) => one.key)).toEqual([0, 1, 2].map((turn) => key(1, turn)));
  expect(mixed.plan?.notes).toContainEqual(expect.stringContaining("turns: 3 samples are withdrawn"));
  expect(mixed.plan?.identity).not.toBe(before?.identity);
});
