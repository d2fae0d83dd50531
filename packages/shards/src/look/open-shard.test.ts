import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { localFileSystem, openStore } from "@shardmill/store";
import { describe, expect, it } from "vitest";
import { commitToy, keyOf, never, openToy, tempFolder } from "../../testing/make-shard.ts";
import { verifyPath } from "../verify/verify-path.ts";
import { energonIndex } from "../write/energon-index.ts";
import { openShard } from "./open-shard.ts";
import { readSample, readSamples } from "./read-samples.ts";
import { shardListing } from "./shard-listing.ts";

const shard = "toy-p0000-0000";

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A store that counts what is read. */
async function countingStore(root: string) {
  const read = { calls: 0, bytes: 0 };
  const fs = {
    ...localFileSystem,
    async open(...args: Parameters<typeof localFileSystem.open>) {
      const file = await localFileSystem.open(...args);
      return {
        ...file,
        async read(buffer: Uint8Array, position: number) {
          const count = await file.read(buffer, position);
          read.calls += 1;
          read.bytes += count;
          return count;
        },
      };
    },
  };
  return { store: await openStore(root, { fs }), read };
}

describe("looking into a shard", () => {
  it("finds one sample through the index, reading that sample and a dozen headers", async () => {
    await using folder = await tempFolder();
    const { records } = await openToy(folder.path);
    const { tar } = await commitToy(records, shard, { count: 500, frames: 3 });
    const { store, read } = await countingStore(folder.path);
    const sample = await readSample({ store, path: records.paths.tar(shard) }, keyOf(0, 333), never);
    expect(sample?.members.map(({ suffix }) => suffix)).toEqual(["000.jpg", "001.jpg", "002.jpg", "json"]);
    expect(JSON.parse(Buffer.from(sample?.members[3]?.bytes ?? []).toString())).toMatchObject({
      frame_count: 3,
    });
    expect(read.calls).toBeLessThan(25);
    expect(read.bytes).toBeLessThan((tar?.bytes ?? 0) / 50);
  });

  it("finds the same without an index, or with one that is of no use", async () => {
    await using folder = await tempFolder();
    const { records, store } = await openToy(folder.path);
    await commitToy(records, shard, { count: 20 });
    const place = { store, path: records.paths.tar(shard) };
    const withIndex = await readSample(place, keyOf(0, 17), never);
    await store.put(records.paths.energonIndex(shard), Buffer.alloc(16));
    expect(await readSample(place, keyOf(0, 17), never)).toEqual(withIndex);
    // Into the data of members.
    const astray = Array.from({ length: 20 }, (_, at) => 512 + 1024 * at);
    await store.put(records.paths.energonIndex(shard), energonIndex(astray, 512 + 1024 * 20));
    expect(await readSample(place, keyOf(0, 17), never)).toEqual(withIndex);
    await store.remove(records.paths.energonIndex(shard));
    expect(await readSample(place, keyOf(0, 17), never)).toEqual(withIndex);
    expect(await readSample(place, "nobody", never)).toBeNull();
  });

  it("lists samples with their metadata and reads no frame for it", async () => {
    await using folder = await tempFolder();
    const { records } = await openToy(folder.path);
    await commitToy(records, shard, { count: 4 });
    const { store, read } = await countingStore(folder.path);
    const listed = await collect(shardListing({ store, path: records.paths.tar(shard) }, {}, never));
    expect(listed.map(({ key, frames }) => [key, frames])).toEqual(
      [0, 1, 2, 3].map((at) => [keyOf(0, at), 2]),
    );
    expect(listed[0]?.metadata).toMatchObject({ frame_count: 2, source: "toy" });
    // Three headers and a JSON a sample, the end, and the index with a look for its end.
    expect(read.calls).toBe(4 * 4 + 3);
    expect(
      await collect(shardListing({ store, path: records.paths.tar(shard) }, { limit: 2 }, never)),
    ).toHaveLength(2);
  });

  it("streams samples from the front, or those that are named", async () => {
    await using folder = await tempFolder();
    const { records } = await openToy(folder.path);
    await commitToy(records, shard, { count: 5 });
    const path = join(folder.path, records.paths.tar(shard));
    const first = await collect(readSamples(path, { limit: 2 }, never));
    expect(first.map(({ key }) => key)).toEqual([keyOf(0, 0), keyOf(0, 1)]);
    const named = await collect(readSamples(path, { keys: [keyOf(0, 4), "x", keyOf(0, 1)] }, never));
    expect(named.map(({ key }) => key)).toEqual([keyOf(0, 4), keyOf(0, 1)]);
  });

  it("reads tars that other tools made; verify names what is odd about them", async () => {
    await using folder = await tempFolder();
    for (const name of ["b.jpg", "b.json", "a.jpg", "a.json"]) {
      await writeFile(join(folder.path, name), name.endsWith("json") ? '{"frame_count": 1}' : "x");
    }
    const pack = ["--format=pax", "--pax-option=exthdr.name=x,atime:=1.5", "-cf", "other.tar"];
    execFileSync("tar", [...pack, "b.jpg", "b.json", "a.jpg", "a.json"], { cwd: folder.path });
    const path = join(folder.path, "other.tar");
    expect((await collect(readSamples(path, {}, never))).map(({ key }) => key)).toEqual(["b", "a"]);
    const verdict = await verifyPath(path, { deep: false }, never);
    expect(verdict).toMatchObject({ ok: false, shards: 1, samples: 2 });
    expect([...new Set(verdict.problems.map(({ code }) => code))].sort()).toEqual([
      "tar_format",
      "tar_order",
    ]);
  });

  it("says in one failure that something is no shard", async () => {
    await using folder = await tempFolder();
    await writeFile(join(folder.path, "x.tar"), "x".repeat(2048));
    await expect(collect(readSamples(join(folder.path, "x.tar"), {}, never))).rejects.toMatchObject({
      code: "shard_invalid",
    });
    await expect(openShard(join(folder.path, "none.tar"))).rejects.toMatchObject({ code: "wrong_use" });
    await expect(verifyPath(join(folder.path, "none"), { deep: false }, never)).rejects.toMatchObject({
      code: "wrong_use",
    });
  });
});
