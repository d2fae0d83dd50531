import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PlannedMember, parseExactJson } from "@shardmill/core";
import { openRecords, openStore } from "@shardmill/store";
import { expect, it } from "vitest";
import { aPlan } from "../../../core/testing/records.ts";
import { collect } from "../stream/collect.ts";
import { digestOf } from "./range-digest.ts";

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
