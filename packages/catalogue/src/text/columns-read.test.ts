import { datasetSchema } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { columnsRead } from "./columns-read.ts";
import { sampleText } from "./sample-text.ts";

const adapters = datasetSchema.shape.text.shape.adapter.options;
const renamed = {
  ...{ caption: "c", question: "q", answer: "a", options: "o", conversations: "t" },
  ...{ prompt: "p", chosen: "y", rejected: "n" },
};
const list = [
  { from: "human", value: "Which?", user: "Which?", assistant: "That." },
  { from: "gpt", value: "That.", user: "And?", assistant: "This." },
];

/** A record that says which of its fields were looked at, and has something for each. */
function watched(asked: Set<string>): Record<string, unknown> {
  return new Proxy<Record<string, unknown>>(
    {},
    {
      getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true, value: null }),
      get: (_, name) => {
        asked.add(String(name));
        if (["t", "texts", "conversations"].includes(String(name))) return list;
        if (["n", "rejected"].includes(String(name))) return "blue";
        return ["o", "options"].includes(String(name)) ? ["red", "blue"] : "red";
      },
    },
  );
}

describe.each(adapters)("what the adapter %s reads of a record", (adapter) => {
  it.each([
    ["by its own names", {}],
    ["by the catalogue's", renamed],
  ])("%s is what is said of it", (_, names) => {
    const dataset = datasetSchema.parse({
      name: "x",
      title: "x",
      keyPrefix: "x",
      sourceName: "x",
      license: "x",
      source: { kind: "folder" },
      parts: [{ archive: "parquet", path: "{part}.parquet" }],
      media: "images",
      annotations: { kind: "inline", images: "images" },
      text: { adapter, ...names },
      fields: { score: { from: "aesthetic score", type: "float" } },
    });
    const asked = new Set<string>();
    expect(sampleText(dataset, [{ set: "row", fields: watched(asked) }]).kind).toBe("ok");
    const { text, optional, fields, media, all } = columnsRead(dataset);
    // A pair's prompt may be what both of its answers begin with: read, and not asked for.
    const unasked = adapter === "preference" && !text.includes("p") ? ["prompt"] : [];
    expect([...asked].sort()).toEqual([...text, ...optional, ...unasked, ...Object.keys(fields)].sort());
    expect([...all].sort()).toEqual([...media, ...asked].sort());
  });
});

it("asks for no time of a stretch and no options of a question: records may be without them", () => {
  const { text, optional, all } = columnsRead({
    annotations: { kind: "files", files: [], key: "video", match: ["stem"], duplicates: "all", required: [] },
    text: { adapter: "multiple-choice", options: "candidates" },
    fields: {},
    bounds: { start: "at.start", end: "at.end" },
  });
  expect({ text, optional }).toEqual({ text: ["question", "answer"], optional: ["candidates", "at"] });
  expect([...all].sort()).toEqual(["answer", "at", "candidates", "question"]);
});
