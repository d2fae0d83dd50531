import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { millShard, preparePart, sealPart } from "@shardmill/pipeline";
import { afterEach, describe, expect, it } from "vitest";
import {
  captionsIn,
  type Kind,
  look,
  manifests,
  openAt,
  part,
  partStatus,
  ReplanHouse,
  signal,
  work,
} from "./replan-house.ts";

/** A part is planned anew: what is kept, what is made again, and what a kill, a late worker or a changing file leaves. */
const houses: ReplanHouse[] = [];
afterEach(async () => {
  await Promise.all(houses.splice(0).map((house) => house.close()));
});

async function open(kind: Kind, broken: readonly number[] = []): Promise<ReplanHouse> {
  const house = await ReplanHouse.open(kind, broken);
  houses.push(house);
  return house;
}

const kinds: readonly Kind[] = ["zips", "targzs"];

describe.each(kinds)("a part of %s whose captions changed", (kind) => {
  it("has one shard made again for one caption, and others where a member joins or leaves", async () => {
    const house = await open(kind);
    const out = await house.built();
    expect(await partStatus(out)).toMatchObject({ state: "done", shards: { done: 4, total: 4 } });
    await house.caption({ 5: "Another." });
    await look(out);
    expect(await partStatus(out)).toMatchObject({
      state: "stale",
      error: { detail: "captions.csv changed" },
    });
    await using opened = await openAt(out);
    expect(await work(opened, { kind: "stale" })).toBe(1);
    expect(opened.decoded).toEqual(["4.png", "5.png"]);
    expect(captionsIn(out)).toMatchObject({ "4.png": "Picture 4.", "5.png": "Another." });
    expect(await partStatus(out)).toMatchObject({ state: "done", packed: 8, skipped: 0 });
    // A second time there is nothing to do.
    expect(await work(opened, { kind: "stale" })).toBe(0);

    // Without its caption the last but one leaves: the ranges before are as they were.
    await house.caption({ 5: "Another.", 6: null });
    await look(out);
    await using again = await openAt(out);
    // The ledger of a stream's range tells of what is left out right behind it, too.
    expect(await work(again, { kind: "stale" })).toBe(kind === "zips" ? 1 : 2);
    expect(await partStatus(out)).toMatchObject({ state: "done", packed: 7, skipped: 1, members: 8 });

    // With another at the front gone, all ranges are others.
    await house.caption({ 0: null, 5: "Another.", 6: null });
    await look(out);
    await using third = await openAt(out);
    expect(await work(third, { kind: "stale" })).toBe(3);
    expect(await partStatus(out)).toMatchObject({
      state: "done",
      packed: 6,
      skipped: 2,
      shards: { done: 3, total: 3 },
    });
    expect(Object.keys(captionsIn(out))).toHaveLength(6);
  });

  it("keeps a supplement while what it tried again is as it was, and no longer", async () => {
    const house = await open(kind, [2]);
    const out = await house.built();
    const failed = await partStatus(out);
    expect(failed).toMatchObject({ packed: 7, failed: 1 });
    const [code = ""] = Object.keys(failed.byCode);
    await using opened = await openAt(out);
    await work(opened, { kind: "failed-samples", codes: [code as "decode_error"] });
    const names = async () => (await manifests(out)).map(({ shard }) => shard);
    expect(await names()).toContain("toy-p0000-r01");
    await house.caption({ 5: "Another." });
    await look(out);
    await using second = await openAt(out);
    expect(await work(second, { kind: "stale" })).toBe(1);
    expect(await names()).toContain("toy-p0000-r01");
    expect(await partStatus(out)).toMatchObject({ state: "done", packed: 7, failed: 1, members: 8 });

    // The range of the failed member is made again for its neighbour's sake; the supplement stays what it was.
    await house.caption({ 3: "A neighbour.", 5: "Another." });
    await look(out);
    await using third = await openAt(out);
    expect(await work(third, { kind: "stale" })).toBe(1);
    expect(await names()).toContain("toy-p0000-r01");
    expect(await partStatus(out)).toMatchObject({ state: "done", packed: 7, failed: 1, members: 8 });

    await house.caption({ 2: "Told anew.", 3: "A neighbour.", 5: "Another." });
    await look(out);
    await using fourth = await openAt(out);
    await work(fourth, { kind: "stale" });
    expect(await names()).not.toContain("toy-p0000-r01");
    expect(await partStatus(out)).toMatchObject({ state: "done", packed: 7, failed: 1, members: 8 });
  });

  it("takes nothing of a late worker that was begun before", async () => {
    const house = await open(kind);
    const out = await house.built();
    await house.caption({ 5: "Another." });
    await look(out);
    await using opened = await openAt(out);
    await preparePart(opened.context, part, { order: { kind: "stale" }, run: 2 }, signal);
    await using late = await openAt(out);
    const { pool } = late.tools;
    const slow = {
      ...late.tools,
      pool: {
        ...pool,
        size: pool.size,
        image: async (...args: Parameters<typeof pool.image>) => {
          // Meanwhile the captions change again, and the part is planned once more.
          await house.caption({ 5: "A third." });
          await look(out);
          await using other = await openAt(out);
          await preparePart(other.context, part, { order: { kind: "stale" }, run: 3 }, signal);
          return pool.image(...args);
        },
      },
    };
    const task = kind === "zips" ? ({ kind: "range", range: 2 } as const) : ({ kind: "stream" } as const);
    await expect(millShard(late.context, { part, task }, slow, signal)).rejects.toMatchObject({
      code: "record_invalid",
      retry: "later",
    });
    expect(await manifests(out)).toHaveLength(3);
    await using again = await openAt(out);
    expect(await work(again, { kind: "stale" })).toBe(1);
    expect(captionsIn(out)).toMatchObject({ "5.png": "A third." });
  });
});

describe.each(kinds)("a part of %s whose archive changes", (kind) => {
  const archive = kind === "zips" ? "p_0.zip" : "p_0.tar.gz";

  it("while a shard is made of it: the shard is not committed", async () => {
    const house = await open(kind);
    const out = await house.built();
    await using opened = await openAt(out);
    await preparePart(opened.context, part, { order: { kind: "rebuild" }, run: 9 }, signal);
    const { pool } = opened.tools;
    let isChanged = false;
    const tools = {
      ...opened.tools,
      pool: {
        ...pool,
        size: pool.size,
        image: async (...args: Parameters<typeof pool.image>) => {
          if (!isChanged) await house.putArchive(40);
          isChanged = true;
          return pool.image(...args);
        },
      },
    };
    const task = kind === "zips" ? ({ kind: "range", range: 0 } as const) : ({ kind: "stream" } as const);
    await expect(millShard(opened.context, { part, task }, tools, signal)).rejects.toMatchObject({
      code: "source_changed",
    });
    expect(await manifests(out)).toEqual([]);
  });

  it("after its last shard and before its end: it is not called done", async () => {
    const house = await open(kind);
    const out = await house.built();
    await house.putArchive(40);
    await using opened = await openAt(out);
    expect((await sealPart(opened.context, part, null, signal)).ending).toMatchObject({
      state: "failed",
      code: "source_changed",
    });
    expect(await partStatus(out)).toMatchObject({ state: "failed" });
    await look(out);
    expect(await partStatus(out)).toMatchObject({ state: "stale", error: { detail: `${archive} changed` } });
    await using again = await openAt(out);
    expect(await work(again, { kind: "stale" })).toBe(4);
    expect(await partStatus(out)).toMatchObject({ state: "done" });
  });

  it("only its times, or lies in another folder with equal bytes: it is not stale", async () => {
    const house = await open(kind);
    const out = await house.built();
    await utimes(join(house.source, archive), 1_000_000_000, 1_000_000_000);
    await utimes(join(house.source, "captions.csv"), 1_000_000_000, 1_000_000_000);
    await look(out);
    expect(await partStatus(out)).toMatchObject({ state: "done" });
    await using opened = await openAt(out);
    expect((await sealPart(opened.context, part, null, signal)).ending).toMatchObject({ state: "done" });
  });
});

describe("a folder of single pictures of which one is replaced", () => {
  it("has the shard of that one made again", async () => {
    const house = await open("loose");
    const out = await house.built();
    await house.putArchive(0, [], { 5: 40 });
    await look(out);
    expect(await partStatus(out)).toMatchObject({
      state: "stale",
      error: { detail: expect.stringMatching(/^pics\/.* changed$/) },
    });
    await using opened = await openAt(out);
    expect(await work(opened, { kind: "stale" })).toBe(1);
    expect(opened.decoded).toEqual(["pics/4.png", "pics/5.png"]);
    expect(await partStatus(out)).toMatchObject({ state: "done", packed: 8 });
    await look(out);
    expect(await partStatus(out)).toMatchObject({ state: "done" });
  });
});
