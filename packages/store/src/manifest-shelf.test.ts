import { utimes } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { manifestNamed } from "../testing/records.ts";
import { tempFolder } from "../testing/temp-folder.ts";
import { type FileSystem, localFileSystem } from "./file-system.ts";
import { openRecords } from "./open-records.ts";
import { openStore } from "./open-store.ts";

describe("the manifests of a dataset", () => {
  it("list the folder of the manifests once for all parts, look at the part's own files, and list it again after a commit", async () => {
    await using folder = await tempFolder();
    const { records, asked } = await counted(folder.path);
    const labels = Array.from({ length: 30 }, (_, at) => at);
    for (const at of labels)
      for (const range of [0, 1]) await records.writeManifest(manifestNamed(shardOf(at, range), at, range));
    await settle(join(folder.path, records.paths.manifests));
    for (const at of labels) expect(await records.listManifests({ subset: null, part: at })).toHaveLength(2);
    expect(asked.listed).toBe(1);
    asked.looked = [];
    await records.listManifests({ subset: null, part: 7 });
    expect(asked.looked).toEqual(["manifests", `${shardOf(7, 0)}.json`, `${shardOf(7, 1)}.json`]);
    await records.writeManifest(manifestNamed(shardOf(7, 2), 7, 2));
    expect(await records.listManifests({ subset: null, part: 7 })).toHaveLength(3);
    expect(asked.listed).toBe(2);
    await records.removeShard(shardOf(7, 0));
    const left = await records.listManifests({ subset: null, part: 7 });
    expect(left.map(({ shard }) => shard)).toEqual([shardOf(7, 1), shardOf(7, 2)]);
  });

  it("of known manifests look at no file again, read what was added, and forget what is gone", async () => {
    await using folder = await tempFolder();
    const { records, asked } = await counted(folder.path);
    const write = async (part: number, range: number) => {
      await records.writeManifest(manifestNamed(shardOf(part, range), part, range));
      await settle(join(folder.path, records.paths.manifest(shardOf(part, range))));
    };
    for (let at = 0; at < 20; at += 1) await write(at, 0);
    expect(await records.listKnownManifests()).toHaveLength(20);
    [asked.looked, asked.opened] = [[], []];
    await write(3, 1);
    await records.removeShard(shardOf(9, 0));
    [asked.looked, asked.opened] = [[], []];
    const known = await records.listKnownManifests();
    expect(known).toEqual(await records.listManifests());
    expect(known).toHaveLength(20);
    expect(asked.opened).toEqual([`${shardOf(3, 1)}.json`]);
    // Made anew under its name: what stands there now is read.
    await write(9, 0);
    expect(await records.listKnownManifests()).toHaveLength(21);
    expect(asked.opened).toEqual([`${shardOf(3, 1)}.json`, `${shardOf(9, 0)}.json`]);
  });
});

function shardOf(part: number, range: number): string {
  return `toy-p${String(part).padStart(4, "0")}-${String(range).padStart(4, "0")}`;
}

/** What is asked of the file system for records that lie there already: names of files, in their order. */
async function counted(root: string) {
  const asked = { listed: 0, looked: [] as string[], opened: [] as string[] };
  const fs: FileSystem = {
    ...localFileSystem,
    async readdir(path) {
      asked.listed += path.endsWith("/manifests") ? 1 : 0;
      return localFileSystem.readdir(path);
    },
    async stat(path) {
      asked.looked.push(basename(path));
      return localFileSystem.stat(path);
    },
    async open(path, how, mode) {
      if (how === "read") asked.opened.push(basename(path));
      return localFileSystem.open(path, how, mode);
    },
  };
  return { records: openRecords(await openStore(root, { fs }), "toy"), asked };
}

/** Gives a folder or file the time of a change that is a while ago. */
async function settle(path: string): Promise<void> {
  await utimes(path, 1_700_000_000, 1_700_000_000);
}
