import { expect, it } from "vitest";
import { kindOfFile } from "./known-files.ts";

it.each([
  ["toy-p0000-0000.tar", "shards"],
  ["dali/toy-p0000-0000.idx", "shards"],
  ["withdrawn.txt", "lists"],
  [".nv-meta/dataset.yaml", "lists"],
  [".shardmill/withdrawn.jsonl", "records"],
  [".shardmill/requests/1.json", "records"],
  [".shardmill/holds/p0000.json", "records"],
  [".shardmill/prints/toy-p0000-0000.jsonl", "indexes"],
  [".shardmill/drafts/toy-p0000-0000~1c5b2a90/shard.tar", "temporaries"],
  [".shardmill/notes.txt", "unknown"],
  ["other-p0000-0000.tar", "unknown"],
  ["notes.txt", "unknown"],
])("toy/%s is one of the %s", (path, kind) => {
  expect(kindOfFile("toy", `toy/${path}`, new Set())).toBe(kind);
});
