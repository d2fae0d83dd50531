import { type Dataset, type MixEntry, mixEntrySchema } from "@shardmill/core";
import { openRecords, type Store } from "@shardmill/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aDataset } from "../../core/testing/records.ts";
import { makeToyMix, problemsOf } from "../testing/make-toy-mix.ts";
import { type ToyOutput, toyStore, writeOutput } from "../testing/outputs.ts";
import type { MadeMix } from "./make-mix.ts";

let store: Store;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ store, remove } = await toyStore());
});
afterEach(() => remove());

const catalogue = new Map<string, Dataset>();

const mixOf = (yaml: string): Promise<MadeMix> => makeToyMix(store, yaml, catalogue);
const write = async (...outputs: readonly ToyOutput[]): Promise<void> => {
  for (const output of outputs) await writeOutput(store, output);
};
const clips: ToyOutput = { name: "clips", shards: [{}, { positions: [4, 5] }] };
const words: ToyOutput = {
  name: "words",
  media: "none",
  recipe: { textPicture: "placeholder" },
  shards: [{ tokens: { all: 40, loss: 10, cut: 0 } }],
};

describe("a mix", () => {
  it("adds up what the manifests say, and shares by samples beside the text's own share", async () => {
    await write(clips, { name: "more", shards: [{ positions: [0, 1] }] }, words);
    const { plan, problems } = await mixOf(
      "title: T\nsets: [clips, { dataset: more }]\ntext: { dataset: words, share: 0.2 }\n",
    );
    expect(problems).toEqual([]);
    expect(plan?.sets.map(({ facts, share }) => [facts.name, share])).toEqual([
      ["clips", 0.75 * 0.8],
      ["more", 0.25 * 0.8],
      ["words", 0.2],
    ]);
    expect(plan?.sums).toEqual({
      shards: 4,
      samples: 12,
      frames: 16,
      tokens: { all: 40, loss: 10 },
      durationMs: 8000,
      bytes: 51_200,
    });
  });

  it("takes the weights that are given, and leaves a set without weight out of the draw", async () => {
    await write(clips, { name: "more", shards: [{}] }, { name: "third", shards: [{}] });
    const { plan } = await mixOf(
      "title: T\nsets:\n  - { dataset: clips, weight: 3 }\n  - { dataset: more, weight: 1 }\n  - { dataset: third, weight: 0 }\n",
    );
    expect(plan?.sets.map(({ share }) => share)).toEqual([0.75, 0.25, 0]);
  });

  it("takes subsets, and leaves out subsets and keys", async () => {
    await write({
      name: "sub",
      shards: [
        { subset: "a", positions: [0, 1, 2] },
        { subset: "b", positions: [0, 1] },
        { subset: "c", positions: [0] },
      ],
    });
    const { plan, problems } = await mixOf(
      "title: T\nsets: [{ dataset: sub, subsets: [a, b] }]\nexclude: { subsets: [sub/b], keys: [sub-a-p0000-000001] }\n",
    );
    expect(problems).toEqual([]);
    expect(plan?.sets[0]).toMatchObject({
      shards: [{ shard: "sub-a-p0000-0000" }],
      excluded: [{ key: "sub-a-p0000-000001", shard: "sub-a-p0000-0000", frames: 2 }],
      sums: { samples: 2, frames: 4, durationMs: 2000 },
      terms: [{ subset: null, sums: { samples: 2, frames: 4, durationMs: 2000 } }],
    });
    expect(plan?.notes.join()).toContain("does without 1 that hold");
  });

  it("says for how many shards hours are not known, and makes no small number of the others", async () => {
    await write({ name: "old", shards: [{}, { positions: [9], durationMs: null }] });
    const { plan } = await mixOf("title: T\nsets: [old]\n");
    expect(plan?.sums.durationMs).toBeNull();
    expect(plan?.notes.join()).toContain("old: hours are unknown, for 1 of its 2 shards");
  });

  it("has an identity of its shards, whatever its weights", async () => {
    await write(clips, { name: "more", shards: [{}] });
    const identity = async (weight: number): Promise<string | undefined> =>
      (await mixOf(`title: T\nsets: [{ dataset: clips, weight: ${weight} }]\n`)).plan?.identity;
    const one = await identity(1);
    expect(await identity(2)).toBe(one);
    await write({ ...clips, shards: [{}, { positions: [4, 5, 6] }] });
    await store.remove("clips/.shardmill/manifests/clips-p0000-0001.json");
    await write({ ...clips, shards: [{}, { positions: [4, 5, 6], content: "other" }] });
    expect(await identity(1)).not.toBe(one);
  });
});

describe("a mix is not ready, and says why at the key", () => {
  it("with every mistake of the file and every hindrance of its sets at once", async () => {
    await write({ name: "bench", purpose: "eval", shards: [{}] });
    catalogue.set("clips", aDataset({ name: "clips" }));
    const made = await mixOf(
      "title: T\nsets:\n  - { dataset: clip, weight: many }\n  - clips\n  - bench\ntext: { dataset: nowhere, share: 0 }\n",
    );
    expect(made.plan).toBeNull();
    expect(problemsOf(made)).toEqual([
      "sets.0.dataset: there is no output clip, and the catalogue knows no dataset of that name; did you mean clips?",
      "sets.0.weight: expected a number that is not negative, or natural",
      "sets.1: clips is not built",
      "sets.1.weight: other sets have a weight: give every set one, or none",
      "sets.2: bench is for evaluation, never for training",
      "text.dataset: there is no output nowhere, and the catalogue knows no dataset of that name",
      "text.share: expected a share above 0",
    ]);
    expect(made.problems[2]?.command).toEqual(["build", "clips"]);
    catalogue.clear();
  });

  it.each([
    ["a share above 1", "text: { dataset: words, share: 1.2 }", "text.share: expected a share below 1"],
    [
      "a share that is none",
      "text: { dataset: words, share: .nan }",
      "text.share: expected a number above 0 and below 1",
    ],
    [
      "two outputs of one name",
      "text: { dataset: clips, share: 0.1 }",
      "text.dataset: clips is named at sets.0.dataset already",
    ],
    ["a key that it does not know", "wieght: 2", "wieght: unknown key"],
  ])("%s", async (_, line, problem) => {
    await write(clips, words);
    expect(problemsOf(await mixOf(`title: T\nsets: [clips]\n${line}\n`)).join("\n")).toContain(problem);
  });

  it("with what goes on between its keys, too, when one of them is wrong", async () => {
    await write(clips, { name: "more", shards: [{}] });
    const sets = "[{ dataset: clips, weight: 0 }, { dataset: more, weight: 0 }]";
    const yaml = `title: T\nsets: ${sets}\ntext: { dataset: clips, share: 0 }\nexclude: { keys: [a, a] }\n`;
    expect(problemsOf(await mixOf(yaml))).toEqual([
      "exclude.keys.1: a is named twice",
      "sets: the weights sum to nothing",
      "text.dataset: clips is named at sets.0.dataset already",
      "text.dataset: clips has pictures: only what has none is mixed in as text",
      "text.share: expected a share above 0",
    ]);
  });

  it.each([
    ["no set", "title: T\nsets: []", "sets: expected at least one set"],
    ["no list", "sets: clips", "sets: expected a list of sets"],
    ["no title", "sets: [clips]", "title: expected a text"],
    ["no name", "title: T\nsets: [null, {}]", "sets.1.dataset: expected a name"],
    [
      "a list where a set should be",
      "title: T\nsets: [[a]]",
      "sets.0: expected the name of an output, or keys",
    ],
    ["no mapping of the text", "title: T\nsets: [clips]\ntext: words", "text: expected dataset and share"],
    ["no reader", "title: T\nsets: [clips]\nreaders: []", "readers: expected at least one reader"],
    ["a key of every object", "title: T\nsets: [clips]\n__proto__: {}", "__proto__: unknown key"],
    ["a path for a name", "title: T\nsets: [../x]", "sets.0.dataset: expected lower-case letters"],
  ])("with %s", async (_, yaml, problem) => {
    await write(clips);
    expect(problemsOf(await mixOf(yaml)).join("\n")).toContain(problem);
  });

  it.each([
    ["that sum to nothing", "[{ dataset: clips, weight: 0 }]", "sets: the weights sum to nothing"],
    [
      "that are negative",
      "[{ dataset: clips, weight: -1 }]",
      "sets.0.weight: expected a number that is not negative",
    ],
    [
      "that some sets lack",
      "[{ dataset: clips, weight: 1 }, more]",
      "sets.1.weight: other sets have a weight",
    ],
    ["without end", "[{ dataset: clips, weight: .inf }]", "sets.0.weight: expected"],
  ])("weights %s", async (_, sets, problem) => {
    await write(clips, { name: "more", shards: [{}] });
    expect(problemsOf(await mixOf(`title: T\nsets: ${sets}\n`)).join("\n")).toContain(problem);
  });

  it("a set without samples, one whose samples are all left out, and subsets that are nowhere", async () => {
    await write({ name: "empty", shards: [{ positions: [] }] }, { name: "sub", shards: [{ subset: "a" }] });
    const made = await mixOf(
      "title: T\nsets: [empty, { dataset: sub, exclude: { subsets: [a, z] } }]\nexclude: { subsets: [y], keys: [sub-a-p0000-000077] }\n",
    );
    expect(problemsOf(made)).toEqual([
      "exclude.keys.0: no set has a sample sub-a-p0000-000077",
      "exclude.subsets.0: no set has samples of a subset y",
      "sets: no set has a share: they have no samples, or no weight",
      "sets.0: empty has no samples",
      "sets.1.dataset: sub has no samples but those that are left out",
      "sets.1.exclude.subsets.1: sub has no samples of a subset z",
    ]);
  });

  it("a manifest that vanished, a tar that vanished, a record that is damaged", async () => {
    await write(clips, { name: "more", shards: [{}, { positions: [9] }] }, { name: "third", shards: [{}] });
    await store.remove("clips/.shardmill/manifests/clips-p0000-0001.json");
    await store.remove("more/more-p0000-0000.tar");
    await store.put("third/.shardmill/build.json", "{");
    const [first, second, third] = problemsOf(await mixOf("title: T\nsets: [clips, more, third]\n"));
    expect(first).toContain("sets.0: clips is not done: p0000 is partial");
    expect(problemsOf(await mixOf("title: T\nsets: [clips]\n")).join("\n")).toContain(
      "no valid shard of clips-p0000-0001 (manifest or tar is not there)",
    );
    expect([second, third].join("\n")).toContain("clips-p0000-0001");
    expect(problemsOf(await mixOf("title: T\nsets: [third]\n"))[0]).toMatch(/^sets\.0: third: .*build\.json/);
  });

  it("another frame size, another tokenizer, pairs beside others, text without a placeholder", async () => {
    const tokens = { text: { format: "tokens" } } as const;
    await write(
      { ...clips, recipe: tokens, tokenizer: "one" },
      { name: "more", recipe: { ...tokens, size: 448 }, tokenizer: "one", shards: [{}] },
      { name: "third", recipe: tokens, tokenizer: "two", shards: [{}] },
      { name: "pairs", media: "pair", recipe: tokens, tokenizer: "one", shards: [{}] },
      { name: "bare", media: "none", recipe: tokens, tokenizer: "one", shards: [{}] },
    );
    const made = problemsOf(
      await mixOf("title: T\nsets: [clips, more, third, pairs]\ntext: { dataset: bare, share: 0.1 }\n"),
    );
    expect(made).toHaveLength(4);
    expect(made.join("\n")).toContain("sets.1: more has size 448, and clips, third, pairs 224");
    expect(made.join("\n")).toMatch(
      /sets\.2: third has text\.tokenizer two .*, and clips, more, pairs, bare one/,
    );
    expect(made.join("\n")).toContain("sets.3: pairs holds preference pairs, its neighbours do not");
    expect(made.join("\n")).toContain("text.dataset: bare has no placeholder picture");
    const laidOut = { ...tokens, layout: "packed" };
    await write({ name: "packed", recipe: laidOut, tokenizer: "one", shards: [{}] });
    expect(problemsOf(await mixOf("title: T\nsets: [clips, packed]\n"))).toEqual([
      "sets.1: packed has the layout packed, and readers of a mix know a file for each picture: build it with layout=frames",
    ]);
    const allowed = await mixOf(
      "title: T\nsets: [clips, more]\ntext: { dataset: bare, share: 0.1 }\ndiffer: [size]\nreaders: [webdataset]\n",
    );
    expect(allowed.problems).toEqual([]);
  });
});

describe("keys that occur twice", () => {
  it("are found where positions overlap, in whichever sets, and not where they only interleave", async () => {
    await write(
      { name: "raw", keyPrefix: "k", shards: [{ positions: [0, 2, 4] }, { positions: [6, 8] }] },
      { name: "odd", keyPrefix: "k", shards: [{ positions: [1, 3, 5, 7] }] },
      { name: "twin", keyPrefix: "k", shards: [{ positions: [5, 8, 9] }] },
      { name: "turns", keyPrefix: "k", shards: [{ positions: [0, 1], suffix: "-t0" }] },
    );
    expect((await mixOf("title: T\nsets: [raw, odd, turns]\n")).problems).toEqual([]);
    const twice = problemsOf(await mixOf("title: T\nsets: [raw, odd, twin]\n"));
    expect(twice).toEqual([
      "sets.2: the key k-p0000-000005 occurs twice: in odd-p0000-0000 and in twin-p0000-0000",
      "sets.2: the key k-p0000-000008 occurs twice: in twin-p0000-0000 and in raw-p0000-0001",
    ]);
    const left = await mixOf(
      "title: T\nsets: [raw, odd, twin]\nexclude: { keys: [k-p0000-000005, k-p0000-000008] }\n",
    );
    expect(left.problems).toEqual([]);
  });

  it("are found within one output, too", async () => {
    await write({ name: "raw", shards: [{ positions: [0, 1] }, { positions: [1, 2] }] });
    expect(problemsOf(await mixOf("title: T\nsets: [raw]\n"))).toEqual([
      "sets.0: the key raw-p0000-000001 occurs twice: in raw-p0000-0000 and in raw-p0000-0001",
    ]);
  });

  it("ask for no ledger where what keys are made of says that none can occur twice", async () => {
    await write(clips, { name: "more", keyPrefix: "clips", shards: [{ positions: [6, 7] }, { part: 1 }] });
    for (const name of ["clips", "more"]) await store.remove(openRecords(store, name).paths.ledgers);
    expect((await mixOf("title: T\nsets: [clips, more]\n")).problems).toEqual([]);
  });
});

it("the schema says what every key of a mix is", () => {
  const entry: MixEntry = mixEntrySchema.parse({ title: "T", sets: ["clips"] });
  expect(entry).toMatchObject({ sets: [{ dataset: "clips", weight: "natural" }], readers: { length: 3 } });
});
