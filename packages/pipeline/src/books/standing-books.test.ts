import { mkdtemp, rm, unlink, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock, Manifest } from "@shardmill/core";
import { localFileSystem, openRecords, openStore, type Records } from "@shardmill/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aManifest, aPartEnd, aPlan, aRange } from "../../../core/testing/records.ts";
import { readBooks } from "./read-books.ts";
import { StandingBooks } from "./standing-books.ts";

let root: string;
let records: Records;
let nowMs: number;
let looked: number;
let opened: string[];
const clock: Clock = { now: () => nowMs, sleep: async () => undefined };

beforeEach(async () => {
  [nowMs, looked, opened] = [0, 0, []];
  root = await mkdtemp(join(tmpdir(), "shardmill-standing-"));
  const fs: typeof localFileSystem = {
    ...localFileSystem,
    async stat(path) {
      looked += 1;
      return localFileSystem.stat(path);
    },
    async open(path, how, mode) {
      if (how === "read" && path.includes("/manifests/")) opened.push(path.slice(path.lastIndexOf("/") + 1));
      return localFileSystem.open(path, how, mode);
    },
  };
  records = openRecords(await openStore(root, { fs }), "toy");
  for (let part = 0; part < 4; part += 1) {
    const ranges = [0, 1, 2].map((range) => aRange({ range, shard: shardOf(part, range) }));
    await records.writePlan(aPlan({ part, members: 6, ranges }), []);
    for (const range of [0, 1]) await commit(part, range);
  }
});
afterEach(() => rm(root, { recursive: true, force: true }));

function shardOf(part: number, range: number): string {
  return `toy-p${String(part).padStart(4, "0")}-${String(range).padStart(4, "0")}`;
}

async function commit(part: number, range: number, over: Partial<Manifest> = {}): Promise<void> {
  const shard = shardOf(part, range);
  await records.store.put(records.paths.tar(shard), "tar");
  const tar = { bytes: 3, sha256: "b".repeat(64), md5: "c".repeat(32) };
  await records.writeManifest(aManifest({ shard, part, range, tar, ...over }));
  // Of a while ago: a file that is written within this moment is read again.
  await utimes(join(root, records.paths.manifest(shard)), 1_700_000_000, 1_700_000_000);
}

describe("books that are read over and over", () => {
  it("are what a reading of every file gives, and cost what was committed since", async () => {
    const standing = new StandingBooks(records, clock);
    await standing.read();
    opened = [];
    await commit(2, 2);
    await records.removeShard(shardOf(0, 1));
    const books = await standing.read();
    expect(opened).toEqual([`${shardOf(2, 2)}.json`]);
    expect(books).toEqual(await readBooks(records));
    looked = 0;
    opened = [];
    expect(await standing.read()).toEqual(books);
    expect(opened).toEqual([]);
    const ofOtherFiles = looked;
    await commit(1, 2);
    looked = 0;
    await standing.read();
    // The manifest and its tar.
    expect(looked).toBe(ofOtherFiles + 2);
  });

  it("do not count a shard before its tar is there, and count it from then on", async () => {
    const standing = new StandingBooks(records, clock);
    await standing.read();
    await commit(3, 2);
    await unlink(join(root, records.paths.tar(shardOf(3, 2))));
    expect((await standing.read()).manifests).toHaveLength(8);
    await records.store.put(records.paths.tar(shardOf(3, 2)), "tar");
    expect((await standing.read()).manifests).toHaveLength(9);
  });

  it("see a shard that was made anew under its name, and a tar that is gone, when its part has ended", async () => {
    const standing = new StandingBooks(records, clock);
    await standing.read();
    await records.removeShard(shardOf(1, 0));
    await commit(1, 0, { samples: 7 });
    // Later than the one before it: the same inode may be given anew.
    await utimes(join(root, records.paths.manifest(shardOf(1, 0))), 1_700_000_100, 1_700_000_100);
    await unlink(join(root, records.paths.tar(shardOf(1, 1))));
    await records.writePartEnd(aPartEnd({ part: 1, endedAt: "2026-01-01T00:00:00.000Z" }));
    const books = await standing.read();
    expect(books).toEqual(await readBooks(records));
    const own = books.manifests.filter(({ part }) => part === 1);
    expect(own.map(({ shard, samples }) => [shard, samples])).toEqual([[shardOf(1, 0), 7]]);
  });

  it("see manifests that were replaced under their names once the list of withdrawn samples has changed", async () => {
    const standing = new StandingBooks(records, clock);
    const [first] = (await standing.read()).manifests;
    if (first === undefined) throw new Error("no manifest");
    await records.changeManifest(first, { ...first, samples: 1 });
    await records.addWithdrawn([]);
    expect((await standing.read()).manifests[0]?.samples).toBe(1);
  });

  it("have every file looked at after half a minute, and of a large output less often", async () => {
    const standing = new StandingBooks(records, clock, { wholeMsAShard: 10_000 });
    await standing.read();
    await unlink(join(root, records.paths.tar(shardOf(2, 0))));
    nowMs += 30_001;
    expect((await standing.read()).manifests).toHaveLength(8);
    nowMs += 50_000;
    expect((await standing.read()).manifests).toHaveLength(7);
    nowMs += 70_000;
    expect(standing.isWholeDue).toBe(false);
    nowMs += 1;
    expect(standing.isWholeDue).toBe(true);
    const small = new StandingBooks(records, clock);
    await small.read();
    nowMs += 30_001;
    expect(small.isWholeDue).toBe(true);
  });

  it("are read the less often the more there are by those who do not wait for them", async () => {
    const standing = new StandingBooks(records, clock, { sinceMsAShard: 100 });
    const books = await standing.read();
    expect(standing.dueInMs).toBe(800);
    await commit(1, 2);
    nowMs += 799;
    expect(await standing.readWhenDue()).toBe(books);
    nowMs += 1;
    expect((await standing.readWhenDue()).manifests).toHaveLength(9);
    expect(standing.dueInMs).toBe(900);
    await commit(2, 2);
    expect((await standing.read()).manifests).toHaveLength(10);
  });
});
