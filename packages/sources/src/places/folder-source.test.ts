import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FileIdentity, localRateGate, readAll, type Source, systemClock } from "@shardmill/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openSource } from "../index.ts";

const signal = new AbortController().signal;
const deps = { gate: localRateGate(systemClock), clock: systemClock };
let parent: string;
let folder: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "folder-source-"));
  folder = join(parent, "mirror");
  await mkdir(join(folder, "data", ".cache"), { recursive: true });
  await writeFile(join(folder, "b.zip"), "bbb");
  await writeFile(join(folder, "data", "a.csv"), "aaaa");
  await writeFile(join(folder, "data.csv"), "d");
  await writeFile(join(folder, ".hidden"), "h");
  await writeFile(join(folder, "data", ".cache", "x"), "x");
});
afterEach(() => rm(parent, { recursive: true }));

const open = (): Promise<Source> => openSource({ kind: "folder", path: folder }, deps, signal);

async function list(source: Source): Promise<FileIdentity[]> {
  const files: FileIdentity[] = [];
  for await (const file of source.list(signal)) files.push(file);
  return files;
}

it("lists files below in order of their paths, without hidden ones, and tells no local path", async () => {
  const source = await open();
  expect(source.name).toBe("folder:mirror");
  expect(source.revision).toBeNull();
  expect((await list(source)).map(({ path, sizeBytes, sha256 }) => [path, sizeBytes, sha256])).toEqual([
    ["b.zip", 3, null],
    ["data.csv", 1, null],
    ["data/a.csv", 4, null],
  ]);
});

it("follows links to files inside the folder and no link out of it", async () => {
  await writeFile(join(parent, "secret"), "s");
  await symlink("../secret", join(folder, "out"));
  await symlink(join(parent, "secret"), join(folder, "absolute"));
  await symlink("data/a.csv", join(folder, "inside"));
  await symlink("..", join(folder, "up"));
  await symlink("nowhere", join(folder, "dangling"));
  const source = await open();
  expect((await list(source)).map(({ path }) => path)).toEqual(["b.zip", "data.csv", "data/a.csv", "inside"]);
  const stolen = source.open({ path: "../secret", sizeBytes: 1, sha256: null, oid: null });
  await expect(readAll(stolen, { start: 0, end: 1 }, signal)).rejects.toMatchObject({
    code: "source_not_found",
  });
});

it("reads ranges, large ones in several chunks", async () => {
  const bytes = Buffer.alloc(2_500_000).map((_, index) => index % 251);
  await writeFile(join(folder, "large.bin"), bytes);
  const source = await open();
  const file = source.open({ path: "large.bin", sizeBytes: bytes.length, sha256: null, oid: null });
  const read = await readAll(file, { start: 3, end: 2_400_000 }, signal);
  expect(Buffer.from(read).equals(bytes.subarray(3, 2_400_000))).toBe(true);
});

it("says source_changed when the size or the time of a file is not the one of the listing", async () => {
  const source = await open();
  const [zip, csv] = await list(source);
  await writeFile(join(folder, "b.zip"), "bbbb");
  await utimes(join(folder, "data.csv"), 1, 1);
  for (const file of [zip!, csv!]) {
    const read = readAll(source.open(file), { start: 0, end: 1 }, signal);
    await expect(read).rejects.toMatchObject({ code: "source_changed" });
  }
});

it("says source_not_found for a folder or file that is gone", async () => {
  const source = await open();
  const [zip] = await list(source);
  await rm(join(folder, "b.zip"));
  await expect(readAll(source.open(zip!), { start: 0, end: 1 }, signal)).rejects.toMatchObject({
    code: "source_not_found",
  });
  const missing = openSource({ kind: "folder", path: join(parent, "none") }, deps, signal);
  await expect(missing).rejects.toMatchObject({ code: "source_not_found" });
  await expect(missing).rejects.not.toThrow(parent);
});
