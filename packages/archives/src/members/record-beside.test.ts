import type { StreamedMember } from "@shardmill/core";
import { expect, it } from "vitest";
import { collect } from "../../testing/collect.ts";
import { groupBeside } from "./group-beside.ts";
import { groupKey, maxBesideBytes, recordBeside } from "./record-beside.ts";

const file = (name: string, text: string) => ({ name, bytes: Buffer.from(text) });

it.each([
  ["a/000.left.jpg", "a/000"],
  ["a.b/000.jpg", "a.b/000"],
  ["a/.hidden.jpg", "a/.hidden"],
  ["plain", "plain"],
])("groups %s under %s", (name, key) => {
  expect(groupKey(name)).toBe(key);
});

it("a record under the media's whole name comes before one that it shares with others", () => {
  const files = [
    file("x/c.v1.txt", "one\n"),
    file("x/c.v2.txt", "two"),
    file("x/c.json", '{"n": 9007199254740993}'),
  ];
  const found = recordBeside("x/c.v1.mp4", files);
  expect(found).toMatchObject({
    record: {
      fields: { txt: "one", "v2.txt": "two", json: { n: 9007199254740993n }, folder: "x", key: "x/c.v1" },
    },
  });
});

it.each([
  [file("a.json", "{"), "a.json is no JSON"],
  [{ name: "a.txt", bytes: Buffer.alloc(maxBesideBytes + 1) }, "above 4194304 for a record"],
])("a record that cannot be read is told, %#", (beside, detail) => {
  expect(recordBeside("a.mp4", [beside])).toMatchObject({
    kind: "rejected",
    rejection: { code: "annotation_invalid", detail: expect.stringContaining(detail) },
  });
});

it("takes no field from a name such as __proto__", () => {
  const found = recordBeside("a.mp4", [file("a.__proto__", "x"), file("a.txt", "y")]);
  expect(found).toMatchObject({ record: { fields: { txt: "y" } } });
  expect(({} as Record<string, unknown>).txt).toBeUndefined();
});

it("joins neighbours of one key in a tar; what belongs to no media passes by itself, in order", async () => {
  const names = ["stats.json", "1.json", "1.mp4", "1.wav", "2.mp4", "2.txt", "1.txt"];
  async function* members(): AsyncGenerator<StreamedMember> {
    for (const [position, name] of names.entries()) {
      const bytes = Buffer.from(name.endsWith(".json") ? "{}" : name);
      yield { position, name, kind: "member", content: { kind: "file", bytes }, sizeBytes: bytes.length };
    }
  }
  const found = await collect(groupBeside(members(), "video", new AbortController().signal));
  expect(found.map(({ position, name }) => `${position} ${name}`)).toEqual([
    ...["0 stats.json", "2 1.mp4", "3 1.wav", "4 2.mp4", "6 1.txt"],
  ]);
  const records = found.map(
    (member) => member.kind === "member" && member.content.kind === "file" && member.content.record,
  );
  expect(records[1]).toMatchObject({ fields: { json: {} } });
  expect(records[3]).toMatchObject({ fields: { txt: "2.txt" } });
});
