import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PlannedMember, parseExactJson } from "@shardmill/core";
import { openRecords, openStore } from "@shardmill/store";
import { describe, expect, it } from "vitest";
import { aPlan } from "../../../core/testing/records.ts";
import { collect } from "./collect.ts";
import { digestOf, RangeDigest, rowsDigest } from "./range-digest.ts";

const fieldsRead = [
  '{"__proto__":{"polluted":true},"caption":"x"}',
  '{"__proto__":1,"constructor":null,"toString":"","nested":{"__proto__":[1,{"__proto__":"deep"}]}}',
  '{"2":"two","10":"ten","01":"one","":"no name"}',
  '{"big":[9007199254740993,1e21,1e23,12345678901234567e2,12345678901234567891e30,-0,0.1]}',
  '{"nan":NaN,"lone":"\\ud800","line":"\\u2028"}',
].map((text) => parseExactJson(text).value as Record<string, unknown>);
const fieldsMade: Record<string, unknown>[] = [
  { list: [undefined, 1], gone: undefined },
  { list: [Number.NaN, 1e21, 2 ** 53, 1e23], day: new Date(0) },
];

it("the digest of members is the same before they are written and after they are read again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "shardmill-digest-"));
  try {
    const records = openRecords(await openStore(folder), "toy");
    const part = { subset: null, part: 0 };
    const members = [...fieldsRead, ...fieldsMade].map(
      (fields, position): PlannedMember => ({
        position,
        name: `${position}.png`,
        at: fields,
        records: [{ set: "records", fields }],
      }),
    );
    await records.writePlan(aPlan(part), [members]);
    const read = await collect(records.readPlannedMembers(part, 0, new AbortController().signal));
    for (const [at, member] of members.entries())
      expect(digestOf(read.slice(at, at + 1)), JSON.stringify(member.name)).toBe(digestOf([member]));
    expect(Object.keys(read[0]?.records[0]?.fields ?? {})).toEqual(["__proto__", "caption"]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

describe("the digest of a range's members", () => {
  const member = (position: number, more: Partial<PlannedMember> = {}): PlannedMember => ({
    position,
    name: `${position}.png`,
    at: { crc32: 7, sizeBytes: 9 },
    records: [{ set: "records", fields: { caption: "x" } }],
    ...more,
  });
  const members = [member(0), member(1)];

  it.each([
    ["a member less", [member(0)]],
    ["another order", [member(1), member(0)]],
    ["another position", [member(0), member(2, { name: "1.png" })]],
    ["another name", [member(0), member(1, { name: "2.png" })]],
    ["another address", [member(0), member(1, { at: { crc32: 8, sizeBytes: 9 } })]],
    ["another record", [member(0), member(1, { records: [{ set: "records", fields: { caption: "y" } }] })]],
    ["another set", [member(0), member(1, { records: [{ set: "oe", fields: { caption: "x" } }] })]],
    ["no record", [member(0), member(1, { records: [] })]],
  ])("is another one for %s", (_, others) => {
    expect(digestOf(others)).not.toBe(digestOf(members));
  });

  it("does not know the order of a record's fields, nor what else an object has", () => {
    const turned = member(1, { at: { sizeBytes: 9, crc32: 7 } });
    expect(digestOf([member(0), { ...turned, note: "not of it" } as PlannedMember])).toBe(digestOf(members));
  });

  it("can be asked for while members are still being added", () => {
    const digest = new RangeDigest();
    expect(digest.text()).toBe(digestOf([]));
    for (const [at, one] of members.entries()) {
      digest.add(one);
      expect(digest.text()).toBe(digestOf(members.slice(0, at + 1)));
    }
  });

  it("of rows is their span, and no other rows have it", () => {
    const digests = [rowsDigest(0, 9), rowsDigest(0, 10), rowsDigest(1, 9), rowsDigest(10, 0)];
    expect(new Set(digests).size).toBe(4);
    expect(rowsDigest(0, 9)).toMatch(/^[0-9a-f]{64}$/);
  });
});
