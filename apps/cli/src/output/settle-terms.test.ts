import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { conditionsOf } from "@shardmill/core";
import { toldTerms } from "@shardmill/pipeline";
import { openRecords, openStore } from "@shardmill/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aDataset } from "../../../../packages/core/testing/records.ts";
import type { CommandContext } from "../context/command-context.ts";
import { settleTerms, type TermsOptions } from "./settle-terms.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "shardmill-settle-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const academic = aDataset({ terms: { commercial: "no", requires: ["academic\u001b[31m research only"] } });

/** Settles, and gives what was said. */
async function said(
  options: TermsOptions,
  dataset = academic,
  more: { origin?: string } = {},
): Promise<string[]> {
  const notes: string[] = [];
  const console = { note: (line: string) => void notes.push(line) };
  const context = { console, settings: { isLive: false }, signal: new AbortController().signal };
  const keep = await settleTerms(
    context as unknown as CommandContext,
    { dataset, outRoot: root, ...more },
    options,
  );
  await keep();
  return notes;
}

describe("the conditions of a dataset, where nobody can be asked", () => {
  it("are said once, with the option that records their acceptance", async () => {
    const notes = await said({});
    expect(notes[0]).toBe("Toy (toy) has conditions: CC-BY-4.0");
    expect(notes[1]).toBe("  - no commercial use");
    expect(notes.at(-1)).toContain("--accept-terms");
    expect(notes.join("")).not.toContain("\u001b");
    expect(await said({})).toEqual([]);
  });

  it("are accepted by the option, and never said again", async () => {
    expect((await said({ acceptTerms: true })).join("\n")).not.toContain("nobody was here");
    expect(await said({})).toEqual([]);
    expect(await said({ acceptTerms: true })).toEqual([]);
  });

  it("are those of the output that another is made of: what was accepted there is not asked again", async () => {
    const tokens = { ...academic, name: "toy-tokens" };
    expect((await said({}, tokens, { origin: "toy" })).at(-1)).toContain("--accept-terms");
    await said({ acceptTerms: true });
    expect(await said({}, { ...academic, name: "toy-more" }, { origin: "toy" })).toEqual([]);
    const conditions = conditionsOf(academic);
    const accepted = async (name: string): Promise<unknown> =>
      conditions && toldTerms(openRecords(await openStore(root), name), conditions);
    expect(await accepted("toy-more")).toEqual(await accepted("toy"));
    expect(await accepted("toy-more")).toMatchObject({ accepted: "option" });
    const changed = aDataset({ name: "toy-changed", terms: { commercial: "no", requires: ["pay"] } });
    expect(await said({}, changed, { origin: "toy" })).not.toEqual([]);
  });

  it("are none of a permissive one", async () => {
    expect(await said({}, aDataset({ terms: { commercial: "yes", redistribution: "yes" } }))).toEqual([]);
  });
});
