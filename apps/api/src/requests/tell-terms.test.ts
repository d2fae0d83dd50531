import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRecords, openStore, type Records } from "@shardmill/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aDataset } from "../../../../packages/core/testing/records.ts";
import { tellTerms } from "./tell-terms.ts";

let root: string;
let records: Records;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "shardmill-terms-"));
  records = openRecords(await openStore(root), "toy");
});
afterEach(() => rm(root, { recursive: true, force: true }));

const academic = aDataset({ terms: { commercial: "no", requires: ["academic research only"] } });

describe("the conditions of a dataset that a request builds", () => {
  it("are told once, and again when they are accepted", async () => {
    const told = "toy has conditions: CC-BY-4.0; no commercial use; academic research only";
    expect(await tellTerms(records, academic, false)).toEqual([told]);
    expect(await tellTerms(records, academic, false)).toEqual([]);
    expect(await tellTerms(records, academic, true)).toEqual([`${told} (accepted)`]);
    expect(await tellTerms(records, academic, true)).toEqual([]);
  });

  it("are told anew when they became others", async () => {
    await tellTerms(records, academic, true);
    const other = aDataset({ terms: { commercial: "no", requires: ["name the authors"] } });
    expect(await tellTerms(records, other, false)).toHaveLength(1);
  });

  it("are none of a dataset that allows everything", async () => {
    expect(await tellTerms(records, aDataset(), true)).toEqual([]);
    expect(await records.store.list("toy/.shardmill")).toEqual([]);
  });
});
