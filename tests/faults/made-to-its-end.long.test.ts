import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { type MillTools, millShard } from "@shardmill/pipeline";
import { faultyFileSystem, openRecords, openStore, systemError } from "@shardmill/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MillHouse } from "./mill-house.ts";
import { type OpenMill, openMill } from "./open-mill.ts";

/** Workers that die when a shard is made and not yet committed. */
let house: MillHouse;
let finished: string;
let first: OpenMill | undefined;
let tools: MillTools;
const part = { subset: null, part: 72 };
const shard = "openvid-1m-p0072-0001";
const signal = new AbortController().signal;
beforeAll(async () => {
  house = await MillHouse.open({ parts: [72], each: 4, samplesPerShard: 2, seconds: 1 });
  finished = house.newOut();
  await house.finish(finished);
  first = await openMill(finished, house.quick.endpoint);
  ({ tools } = first);
});
afterAll(async () => {
  await first?.close();
  await house.close();
});

/** A worker dies when it is about to publish the file of that ending; what it left lies in the output. */
async function leftAt(ending: string): Promise<string> {
  const out = house.newOut();
  await cp(finished, out, { recursive: true, preserveTimestamps: true });
  let isDead = false;
  const fs = faultyFileSystem((operation, _path, to) => {
    isDead ||= operation === "link" && to?.endsWith(`${shard}${ending}`) === true;
    if (isDead) throw systemError("EIO");
  });
  await openRecords(await openStore(out), "openvid-1m").removeShard(shard);
  const dying = await openMill(out, house.quick.endpoint, { fs, tools });
  await expect(milled(dying)).rejects.toMatchObject({ code: "output_io" });
  await dying.close();
  return out;
}

type End = Awaited<ReturnType<typeof millShard>>[number];

/** How it ended, and whether anything was decoded for it. */
async function milled({ context, tools }: OpenMill): Promise<{ end: End | undefined; isMade: boolean }> {
  let isMade = false;
  const onProgress = (): void => {
    isMade = true;
  };
  const task = { kind: "range", range: 1 } as const;
  const [end] = await millShard(context, { part, task }, { ...tools, onProgress }, signal);
  return { end, isMade };
}

describe("a shard whose worker died when it was made", () => {
  it.each([".tar", ".json"])("is committed without being made again, where it died at its %s", async (at) => {
    const out = await leftAt(at);
    const mill = await openMill(out, house.quick.endpoint, { tools });
    expect(await milled(mill)).toMatchObject({ end: { kind: "already" }, isMade: false });
    expect(await mill.context.records.listDraftsOf(part)).toEqual([]);
    await mill.close();
    await house.expectAsIfNothingHappened(out);
  });

  it("is made again where a loss of power left less than all of it", async () => {
    const out = await leftAt(".json");
    const mill = await openMill(out, house.quick.endpoint, { tools });
    const [draft = ""] = await mill.context.records.listDraftsOf(part);
    await rm(join(out, draft, "ledger.jsonl"));
    expect(await milled(mill)).toMatchObject({ end: { kind: "committed" }, isMade: true });
    expect(await mill.context.records.listDraftsOf(part)).toEqual([]);
    await mill.close();
    await house.expectAsIfNothingHappened(out);
  });

  it("is made again, without it, where something of it has been withdrawn since", async () => {
    const out = await leftAt(".json");
    const mill = await openMill(out, house.quick.endpoint, { tools });
    const { records } = mill.context;
    const [draft = ""] = await records.listDraftsOf(part);
    const key = (await records.readDraft(draft))?.manifest.firstKey ?? "";
    const by = { reason: null, by: "me", at: "2026-11-27T00:00:00Z" };
    await records.addWithdrawn([{ key, member: null, within: null, group: null, ...by }]);
    const { end, isMade } = await milled(mill);
    expect(isMade).toBe(true);
    expect(end).toMatchObject({ kind: "committed", manifest: { counts: { byCode: { withdrawn: 1 } } } });
    expect(end?.manifest.firstKey).not.toBe(key);
    expect(await records.listDraftsOf(part)).toEqual([]);
    await mill.close();
  });
});
