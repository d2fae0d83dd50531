import { readFileSync } from "node:fs";
import { archiveKinds, datasetSchema, modelEntrySchema } from "@shardmill/core";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { parseDataset } from "./index.ts";
import { knownPlaceholders } from "./path-pattern.ts";

const docs = readFileSync(new URL("../../../docs/datasets.md", import.meta.url), "utf8");

it("docs/datasets.md names every key, archive, placeholder and adapter, and no key that is none", () => {
  const keys = Object.keys(datasetSchema.shape);
  const told = docs.slice(docs.indexOf("## Keys of an entry"), docs.indexOf("## Parts"));
  for (const key of keys) expect(told).toContain(`\`${key}\``);
  const firstCells = told.split("\n").flatMap((line) => /^\| (`.*?) \|/.exec(line)?.[1]?.match(/\w+/g) ?? []);
  expect(firstCells.filter((word) => !keys.includes(word))).toEqual([]);
  for (const archive of archiveKinds) expect(docs).toContain(`\`${archive}\``);
  for (const name of knownPlaceholders) expect(docs).toContain(`\`{${name}}\``);
  for (const adapter of datasetSchema.shape.text.shape.adapter.options)
    expect(docs).toContain(`\`${adapter}\``);
});

it("docs/datasets.md's entries are valid", () => {
  const entries = [...docs.matchAll(/```yaml\n(name: ([\w-]+) .*?|name: ([\w-]+)\n.*?)```/gs)];
  const names = entries.map(([, , commented, plain]) => commented ?? plain ?? "");
  expect(names).toEqual([
    "my-clips",
    "clevr-math",
    "my-links",
    "my-bench",
    "vript-untrimmed",
    "my-talks",
    "my-encoder",
  ]);
  const model = entries.splice(names.indexOf("my-encoder"), 1)[0]?.[1] ?? "";
  const told = modelEntrySchema.parse(parse(model));
  expect(Object.keys(told)).toEqual(Object.keys(modelEntrySchema.shape));
  for (const [index, name] of names.slice(0, -1).entries())
    expect(parseDataset(entries[index]?.[1] ?? "", `${name}.yaml`)).toMatchObject({ kind: "ok" });
});
