import { createHash } from "node:crypto";
import { parseSplit } from "@shardmill/catalogue";
import { keyOfMember } from "@shardmill/core";
import { derivedHolding, planWithdrawal, rewriteShard, shardsHolding, withdraw } from "@shardmill/pipeline";
import { verifyPath } from "@shardmill/shards";
import { openRecords, type Store } from "@shardmill/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { aLedgerLine } from "../../../core/testing/records.ts";
import { makeToyMix, problemsOf } from "../../testing/make-toy-mix.ts";
import { toyStore, writeOutput } from "../../testing/outputs.ts";
import type { MixPlan } from "../plan/mix-plan.ts";
import { planSplit, type SplitPlan } from "./plan-split.ts";
import { splitChanges } from "./split-changes.ts";
import { readSplit } from "./split-record.ts";
import { removeSplitOutput, tokenizersOf, writeSplitOutput } from "./write-split.ts";

let store: Store;
let remove: () => Promise<void>;
const signal = new AbortController().signal;
const mixYaml = "title: T\nsets: [clips]\ntext: { dataset: words, share: 0.2 }\n";
const positions = (first: number): number[] => Array.from({ length: 10 }, (_, at) => first + at);

beforeEach(async () => {
  ({ store, remove } = await toyStore());
  const shards = [0, 10, 20, 30].map((first) => ({ positions: positions(first) }));
  await writeOutput(store, { name: "clips", shards });
  // Two clips of every video, one behind the other; the last of a shard has its other in the next one.
  await regroup("clips", ({ position }) => `yt:video-${Math.floor((position + 1) / 2)}`);
  const text = { name: "words", media: "none", recipe: { textPicture: "placeholder" } } as const;
  await writeOutput(store, { ...text, shards });
});
afterEach(() => remove());

async function regroup(output: string, groupOf: (line: { position: number }) => string): Promise<void> {
  const records = openRecords(store, output);
  for (const { shard } of await records.listManifests()) {
    const lines: ReturnType<typeof aLedgerLine>[] = [];
    for await (const line of records.readLedger(shard, signal)) lines.push({ ...line, group: groupOf(line) });
    await records.writeLedger(shard, lines);
  }
}

function entryOf(sets: string, more = "maxExcluded: 0.1") {
  const read = parseSplit(`title: V\nseed: 42\n${more}\nsets: ${sets}\n`, "val.yaml");
  if (read.kind !== "ok") throw new Error(JSON.stringify(read.problems));
  return read.value;
}

async function mixOf(yaml = mixYaml): Promise<MixPlan> {
  const made = await makeToyMix(store, yaml);
  expect(problemsOf(made)).toEqual([]);
  if (made.plan === null) throw new Error("no plan");
  return made.plan;
}

const sets = "[{ dataset: clips, samples: 7 }, { dataset: words, samples: 4 }]";

async function planOf(asked = sets, more?: string): Promise<SplitPlan> {
  const made = await makeToyMix(store, mixYaml, new Map(), { withoutSplit: "val" });
  if (made.plan === null) throw new Error("no plan");
  const plan = await planSplit(entryOf(asked, more), [made.plan], { store, dataset: () => null }, signal);
  if ("unknown" in plan) throw new Error(plan.unknown.join());
  return plan;
}

async function shaOf(name: string): Promise<Record<string, string>> {
  const paths = (await store.list(name)).filter((path) => path.endsWith(".tar"));
  const hashes = paths.map(async (path) => {
    const hash = createHash("sha256").update((await store.read(path)) ?? "");
    return [path, hash.digest("hex")] as const;
  });
  return Object.fromEntries(await Promise.all(hashes));
}

describe("a split", () => {
  it("is an output that verifies, has what was asked, and the same bytes twice", async () => {
    const plan = await planOf();
    expect(plan.sets).toMatchObject([
      { dataset: "clips", asked: 7, got: 7 },
      { dataset: "words", asked: 4, got: 4, excluded: 0 },
    ]);
    expect(await writeSplitOutput(store, plan, signal)).toMatchObject({ samples: 11 });
    const verdict = await verifyPath(`${store.root}/val`, { deep: false }, signal);
    expect(verdict.problems).toEqual([]);
    expect(verdict.samples).toBe(11);
    const first = await shaOf("val");
    await removeSplitOutput(store, "val");
    await writeSplitOutput(store, await planOf(), signal);
    expect(await shaOf("val")).toEqual(first);
  });

  it("holds each sample as it lies in training, but for where it was taken from", async () => {
    await writeSplitOutput(store, await planOf(), signal);
    const tar = Buffer.from((await store.read("val/val-clips-p0000-0000.tar")) ?? []).toString("latin1");
    const record = await readSplit(store, "val");
    for (const { key, isChosen, output } of record?.samples ?? [])
      if (output === "clips")
        expect(tar.includes(`{"caption":"${key}","frame_count":2,"duration":1,"eval_source":"clips"}`)).toBe(
          isChosen,
        );
  });

  it("is in no mix from then on: neither its samples nor what else is of their groups", async () => {
    const before = await mixOf();
    const plan = await planOf();
    await writeSplitOutput(store, plan, signal);
    const after = await mixOf();
    const left = after.sets.flatMap(({ excluded }) => excluded);
    expect(left.map(({ key }) => key).sort()).toEqual(plan.record.samples.map(({ key }) => key).sort());
    expect(new Set(left.map(({ reason }) => reason))).toEqual(new Set(["validation:val"]));
    expect(after.sums.samples).toBe(before.sums.samples - plan.record.samples.length);
    const chosen = new Set(plan.record.samples.map(({ group }) => group));
    const kept = after.sets.flatMap(({ shards }) => shards).length;
    expect([kept, chosen.size > 0]).toEqual([8, true]);
  });

  it("is no set to train on", async () => {
    await writeSplitOutput(store, await planOf(), signal);
    const problems = problemsOf(await makeToyMix(store, "title: T\nsets: [val]\n"));
    expect(problems.join("\n")).toContain("val is for evaluation, never for training");
  });

  it("says what changed where it would choose otherwise", async () => {
    const plan = await planOf();
    await writeSplitOutput(store, plan, signal);
    expect(splitChanges(plan.record, (await planOf()).record)).toEqual([]);
    const shards = [0, 10, 20, 30, 40].map((first) => ({ positions: positions(first) }));
    await writeOutput(store, { name: "clips", shards });
    expect(splitChanges(plan.record, (await planOf()).record)[0]).toBe("clips: new shards: clips-p0000-0004");
  });

  it("tells the numbers where a quota cannot be met", async () => {
    await regroup("clips", () => "yt:one");
    const plan = await planOf("[{ dataset: clips, samples: 7 }]");
    expect(plan.sets).toMatchObject([{ asked: 7, got: 0, refused: 40 }]);
  });
});

describe("what is withdrawn", () => {
  const taken = async (name: string, keys: readonly string[]): Promise<void> => {
    const records = openRecords(store, name);
    const build = await records.readBuild();
    if (build === null) throw new Error(`no ${name}`);
    const asked = { keys: new Set(keys), members: new Set<string>(), groups: new Set<string>() };
    const by = { reason: null, by: null, at: "2026-11-27" };
    await withdraw({ records, build }, await planWithdrawal({ records, build }, asked, by, signal), signal);
    for (const manifest of await shardsHolding(records))
      await rewriteShard({ records, build }, manifest, "test", signal);
  };
  const keysIn = (plan: SplitPlan, of: string): string[] =>
    plan.record.samples.flatMap(({ key, isChosen, output }) => (isChosen && output === of ? [key] : []));
  const verified = async (): Promise<readonly unknown[]> =>
    (await verifyPath(`${store.root}/val`, { deep: false }, signal)).problems;

  it("from any of the outputs that it is taken of goes from the split by its path alone, and is not chosen again", async () => {
    const plan = await planOf();
    await writeSplitOutput(store, plan, signal);
    const [word = ""] = keysIn(plan, "words");
    const [clip = ""] = keysIn(plan, "clips");
    await taken("words", [word]);
    await taken("clips", [clip]);
    for (const origin of ["words", "clips"])
      expect(await derivedHolding(store, origin, signal)).toEqual([
        { dataset: "val", samples: 2, problem: null },
      ]);
    expect(await verified()).toMatchObject([
      { code: "withdrawn", shard: "val-clips-p0000-0000" },
      { code: "withdrawn", shard: "val-words-p0000-0000" },
    ]);
    await taken("val", []);
    expect(await derivedHolding(store, "words", signal)).toEqual([]);
    expect(await verified()).toEqual([]);
    const again = await planOf();
    expect([...keysIn(again, "words"), ...keysIn(again, "clips")]).not.toEqual(
      expect.arrayContaining([expect.stringMatching(`^(${word}|${clip})$`)]),
    );
    expect(again.sets).toMatchObject([{ got: 7 }, { got: 4 }]);
  });

  it("from the split alone is found by its key, and not brought back when it is chosen anew; training has none of its group", async () => {
    const plan = await planOf();
    await writeSplitOutput(store, plan, signal);
    const [clip = ""] = keysIn(plan, "clips");
    await taken("val", [clip]);
    expect(await verified()).toEqual([]);
    const again = await planOf();
    expect(splitChanges(plan.record, again.record)).not.toEqual([]);
    expect(again.sets).toMatchObject([{ got: 7 }, { got: 4 }]);
    expect(keysIn(again, "clips")).not.toContain(clip);
    await removeSplitOutput(store, "val");
    await writeSplitOutput(store, again, signal);
    expect(await verified()).toEqual([]);
    const trained = (await mixOf()).sets.flatMap(({ excluded }) => excluded.map(({ key }) => key));
    const groups = new Set(again.record.samples.map(({ group }) => group));
    const own = plan.record.samples.find(({ key }) => key === clip);
    expect(trained.includes(clip)).toBe(groups.has(own?.group ?? ""));
  });
});

it("the tokenizer of its tokens is kept with it, so that they can be read", async () => {
  const tokens = { all: 60, loss: 30, cut: 0 };
  await writeOutput(store, {
    ...{ name: "talk", tokenizer: "one", recipe: { text: { format: "tokens" } } },
    shards: [0, 10].map((first) => ({ positions: positions(first), tokens })),
  });
  const origin = openRecords(store, "talk");
  const { files = "" } = (await origin.readBuild())?.tokenizer ?? {};
  await store.put(origin.paths.tokenizer(files), "the files");
  const mix = await mixOf("title: T\nsets: [talk]\n");
  const places = { store, dataset: () => null };
  const plan = await planSplit(entryOf("[{ dataset: talk, samples: 4 }]"), [mix], places, signal);
  if ("unknown" in plan) throw new Error(plan.unknown.join());
  await writeSplitOutput(store, plan, signal);
  const val = openRecords(store, "val");
  expect((await val.readBuild())?.tokenizer).toMatchObject({ name: "one", files });
  expect(Buffer.from((await store.read(val.paths.tokenizer(files))) ?? []).toString()).toBe("the files");
});

it("of outputs with several tokenizers none is kept, and each is named with its outputs", async () => {
  const tokens = { all: 60, loss: 30, cut: 0 };
  const shards = [0, 10].map((first) => ({ positions: positions(first), tokens }));
  for (const [name, tokenizer] of Object.entries({ talk: "one", tales: "two", news: "one" }))
    await writeOutput(store, { name, tokenizer, recipe: { text: { format: "tokens" } }, shards });
  const mixes = [];
  for (const name of ["talk", "tales", "news"]) mixes.push(await mixOf(`title: T\nsets: [${name}]\n`));
  const each =
    "[{ dataset: talk, samples: 2 }, { dataset: tales, samples: 2 }, { dataset: news, samples: 2 }]";
  const plan = await planSplit(entryOf(each), mixes, { store, dataset: () => null }, signal);
  if ("unknown" in plan) throw new Error(plan.unknown.join());
  expect(tokenizersOf(plan.outputs)).toMatchObject([
    { tokenizer: { name: "one" }, outputs: ["talk", "news"] },
    { tokenizer: { name: "two" }, outputs: ["tales"] },
  ]);
  await writeSplitOutput(store, plan, signal);
  expect((await openRecords(store, "val").readBuild())?.tokenizer).toBeNull();
});

describe("a leak that is planted after a split", () => {
  const leaked = async (name: string): Promise<string[]> => {
    const plan = await mixOf(`title: T\nsets: [${name}]\nreaders: [webdataset]\n`);
    return plan.sets.flatMap(({ excluded }) => excluded.map(({ key, reason }) => `${key} ${reason}`));
  };
  let chosen: { key: string; group: string };

  beforeEach(async () => {
    const plan = await planOf();
    await writeSplitOutput(store, plan, signal);
    const found = plan.record.samples.find(({ isChosen, output }) => isChosen && output === "clips");
    chosen = { key: found?.key ?? "", group: found?.group ?? "" };
  });

  it("by key is found in another output of the same dataset", async () => {
    const shards = [0, 10, 20, 30].map((first) => ({ positions: positions(first), content: "other" }));
    await writeOutput(store, { name: "clips-again", keyPrefix: "clips", shards });
    expect(await leaked("clips-again")).toContain(`${chosen.key} validation:val`);
  });

  it("by member is found where each of its turns is a sample", async () => {
    const shards = [
      { positions: positions(0).concat(positions(10), positions(20), positions(30)), turns: 2 },
    ];
    await writeOutput(store, { name: "turns", keyPrefix: "clips", shards });
    const found = await leaked("turns");
    expect(found).toContain(`${keyOfMember(chosen.key)}-t0 validation:val`);
    expect(found).toContain(`${keyOfMember(chosen.key)}-t1 validation:val`);
  });

  it("by group or picture is found under another name in another dataset", async () => {
    await writeOutput(store, { name: "others", shards: [{}] });
    await regroup("others", ({ position }) => (position === 2 ? chosen.group : `img:${position}`));
    expect(await leaked("others")).toEqual(["others-p0000-000002 validation:val"]);
  });
});
