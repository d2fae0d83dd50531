import { type Dataset, defaultRecipe, termsOf } from "@shardmill/core";
import { aDataset, toyHash } from "../../core/testing/records.ts";
import { NumberTally } from "../src/facts/distribution.ts";
import type { SetFacts } from "../src/facts/set-facts.ts";

/** A finished output of one shard of two clips; a test says what it is about. */
export function aSet(over: Parameters<typeof aDataset>[0] = {}, more: Partial<SetFacts> = {}): SetFacts {
  const dataset: Dataset = aDataset({ homepage: "https://example.org/toy", ...over });
  const sums = { shards: 1, samples: 2, frames: 5, tokens: null, durationMs: 3_600_000, bytes: 10_240 };
  const tally = new NumberTally();
  tally.add(2);
  tally.add(3);
  const frames = tally.distribution("frames", "ledgers");
  return {
    facts: {
      name: dataset.name,
      entry: dataset.name,
      dataset,
      media: dataset.media,
      recipe: defaultRecipe,
      recipeName: null,
      recipeHash: toyHash,
      tokenizer: null,
      source: { kind: "folder", name: `folder:${dataset.name}`, revision: null, location: "/mirror" },
      shards: [
        {
          ...sums,
          shard: `${dataset.name}-p0000-0000`,
          subset: null,
          part: 0,
          withdrawn: [],
          sha256: toyHash,
          keys: { begin: "toy-p0000-", first: 0, last: 1 },
        },
      ],
      sums,
      subsets: [{ subset: null, sums }],
      unfinished: [],
      adopted: 0,
    },
    dataset,
    terms: [{ dataset: dataset.name, subset: null, terms: termsOf(dataset, null), sums }],
    parts: { byState: { done: 1 }, asked: 1, listed: 1 },
    counts: { members: 4, packed: 2, failed: 1, skipped: 1, byCode: { decode_error: 1, no_annotation: 1 } },
    cut: 0,
    unmatched: 0,
    remarks: [],
    revisions: [],
    committed: { first: "2025-01-01T00:00:00.000Z", last: "2025-01-02T00:00:00.000Z" },
    toolchains: [{ shardmill: "0", decoder: "0", sharp: "0", libvips: "0" }],
    bytesRead: 5,
    distributions: frames === null ? [] : [frames],
    read: { ledgers: 1, tars: 1, samples: 2 },
    fields: [{ name: "caption", type: "text", isList: false }],
    sheet: [],
    sheetTexts: [],
    ...more,
  };
}
