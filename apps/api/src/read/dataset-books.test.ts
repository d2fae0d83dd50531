import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "@shardmill/core";
import { localFileSystem, openRecords, openStore, type Store } from "@shardmill/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aBuildRecord, aManifest } from "../../../../packages/core/testing/records.ts";
import { DatasetBooks } from "./dataset-books.ts";

let root: string;
let store: Store;
let nowMs: number;
let listed: number;
/** How long a listing of the manifests takes. */
let listMs: number;
const clock: Clock = { now: () => nowMs, sleep: async () => undefined };

beforeEach(async () => {
  [nowMs, listed, listMs] = [0, 0, 0];
  root = await mkdtemp(join(tmpdir(), "shardmill-books-"));
  const fs: typeof localFileSystem = {
    ...localFileSystem,
    async readdir(path) {
      if (path.endsWith("/manifests")) {
        listed += 1;
        nowMs += listMs;
      }
      return localFileSystem.readdir(path);
    },
  };
  store = await openStore(root, { fs });
  await openRecords(store, "toy").writeBuild(aBuildRecord());
  await commit(0);
});
afterEach(() => rm(root, { recursive: true, force: true }));

function commit(range: number): Promise<unknown> {
  return openRecords(store, "toy").writeManifest(aManifest({ shard: `toy-p0000-000${range}`, range }));
}

describe("the books of a dataset", () => {
  it("are given out though reading them took longer than a reading is good for", async () => {
    const books = new DatasetBooks(store, "toy", { clock, ttlMs: 1_000 });
    listMs = 12_000;
    expect((await books.view())?.books.manifests).toHaveLength(1);
    listed = 0;
    for (let ask = 0; ask < 5; ask += 1) expect((await books.view())?.version).toBe(1);
    expect(listed).toBe(0);
  });

  it("are never older than the moment in which a part was seen to have left the queue", async () => {
    const books = new DatasetBooks(store, "toy", { clock, ttlMs: 1_000 });
    const shards = async (...atWork: string[]) =>
      (await books.viewBeside(new Set(atWork)))?.books.manifests.length;
    expect(await shards("p0000", "p0001")).toBe(1);
    await commit(1);
    // Still at work: what was read a moment ago will do.
    expect(await shards("p0000", "p0001")).toBe(1);
    expect(await shards("p0001")).toBe(2);
    await commit(2);
    expect(await shards("p0001", "p0002")).toBe(2);
    expect(await shards("p0002")).toBe(3);
  });

  it("are read anew for it though a reading from before is under way", async () => {
    const books = new DatasetBooks(store, "toy", { clock, ttlMs: 1_000 });
    expect(await books.viewBeside(new Set(["p0000"]))).not.toBeNull();
    nowMs = 2_000;
    const before = books.fresh();
    await commit(1);
    expect((await books.viewBeside(new Set()))?.books.manifests).toHaveLength(2);
    await before;
  });

  it("are read anew at once for whoever must know, and see what was committed", async () => {
    const books = new DatasetBooks(store, "toy", { clock, ttlMs: 1_000 });
    await books.view();
    await commit(1);
    expect((await books.fresh())?.books.manifests).toHaveLength(2);
    await commit(2);
    expect((await books.fresh())?.books.manifests).toHaveLength(3);
  });
});
