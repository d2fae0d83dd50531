import type { Store } from "@shardmill/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeToyMix, problemsOf } from "../../testing/make-toy-mix.ts";
import { toyStore, writeOutput } from "../../testing/outputs.ts";

let store: Store;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ store, remove } = await toyStore());
});
afterEach(() => remove());

describe("what a mix leaves out by key", () => {
  it("tells the figures of what is left without its keys: of one turn of many, with and without an index", async () => {
    const tokens = { text: { format: "tokens" } } as const;
    const counts = { all: 61, loss: 17, cut: 3 };
    await writeOutput(store, {
      name: "turns",
      recipe: tokens,
      tokenizer: "one",
      shards: [{ positions: [0, 1], turns: 3, tokens: counts, durationMs: 12_345 }],
    });
    const yaml =
      "title: T\nsets: [turns]\nexclude: { keys: [turns-p0000-000001-t2, turns-p0000-000000-t1] }\n";
    const { plan, problems } = await makeToyMix(store, yaml);
    expect(problems).toEqual([]);
    // Of six samples with 10 to 11 tokens each, 2 to 3 with loss, of 2,057 or 2,058 ms.
    expect(plan?.sums).toMatchObject({
      samples: 4,
      frames: 8,
      tokens: { all: 61 - 10 - 11, loss: 17 - 3 - 3 },
      durationMs: 12_345 - 2_058 - 2_058,
    });
    await store.remove("turns/turns-p0000-0000.tar.idx");
    expect((await makeToyMix(store, yaml)).plan?.sums).toEqual(plan?.sums);
  });

  it("says that a key is nowhere whose member has no such turn, and names a shard that cannot be read", async () => {
    await writeOutput(store, { name: "turns", shards: [{ positions: [0, 1], turns: 2 }] });
    const wrong = "title: T\nsets: [{ dataset: turns, exclude: { keys: [turns-p0000-000001-t7] } }]\n";
    expect(problemsOf(await makeToyMix(store, wrong))).toEqual([
      "sets.0.exclude.keys.0: turns has no sample turns-p0000-000001-t7",
    ]);
    const bytes = Buffer.from((await store.read("turns/turns-p0000-0000.tar")) ?? []);
    await store.put("turns/turns-p0000-0000.tar", bytes.fill("{", 512));
    const spoiled = await makeToyMix(
      store,
      "title: T\nsets: [turns]\nexclude: { keys: [turns-p0000-000001-t1] }\n",
    );
    expect(problemsOf(spoiled)).toEqual([
      expect.stringMatching(/^sets\.0: turns: .* of turns\/turns-p0000-0000\.tar/),
    ]);
  });
});
