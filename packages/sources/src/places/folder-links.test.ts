import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAll, type Source } from "@shardmill/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFolderSource } from "./folder-source.ts";

const signal = new AbortController().signal;
let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "folder-links-"));
});
afterEach(() => rm(parent, { recursive: true }));

async function listed(source: Source): Promise<string[]> {
  const paths: string[] = [];
  for await (const { path } of source.list(signal)) paths.push(path);
  return paths;
}

const open = (path: string): Promise<Source> => openFolderSource({ kind: "folder", path }, signal);

async function put(path: string, text: string): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, text);
}

describe("a folder that snapshot_download made", () => {
  const commit = "8f5d2b1c0a9e8d7c6b5a49382716051423324150";
  let cache: string;
  let snapshot: string;

  beforeEach(async () => {
    cache = join(parent, "hub", "datasets--owner--name");
    snapshot = join(cache, "snapshots", commit);
    await put(join(cache, "blobs", "aaaa"), "zip");
    await put(join(cache, "blobs", "bbbb"), "captions");
    await put(join(cache, "refs", "main"), commit);
    await put(join(parent, "hub", "other"), "of another repository");
    await mkdir(join(snapshot, "data"), { recursive: true });
    await symlink("../../blobs/aaaa", join(snapshot, "v_0.zip"));
    await symlink("../../../blobs/bbbb", join(snapshot, "data", "cap.csv"));
    await symlink("../../../other", join(snapshot, "stolen.zip"));
    await symlink("../../blobs/gone", join(snapshot, "half.zip"));
  });

  it("is seen with all its files, and what leads out of the cache is told", async () => {
    const source = await open(snapshot);
    expect(await listed(source)).toEqual(["data/cap.csv", "v_0.zip"]);
    expect(source.passedOver?.()).toEqual([
      "1 link leads nowhere: half.zip",
      "1 link leads out of the folder and was not followed: stolen.zip",
    ]);
    const file = source.open({ path: "data/cap.csv", sizeBytes: 8, sha256: null, oid: null });
    expect(Buffer.from(await readAll(file, { start: 0, end: 8 }, signal)).toString()).toBe("captions");
    // Listed again, it is told once again and not twice.
    await listed(source);
    expect(source.passedOver?.()).toHaveLength(2);
  });

  it("may be named by a folder within it, or by a link to it", async () => {
    expect(await listed(await open(join(snapshot, "data")))).toEqual(["cap.csv"]);
    await symlink(snapshot, join(parent, "latest"));
    expect(await listed(await open(join(parent, "latest")))).toEqual(["data/cap.csv", "v_0.zip"]);
  });

  it("is a folder like any other where there are no blobs beside it", async () => {
    await rm(join(cache, "blobs"), { recursive: true });
    await put(join(cache, "other"), "x");
    await symlink("../../other", join(snapshot, "c.zip"));
    const source = await open(snapshot);
    expect(await listed(source)).toEqual([]);
    expect(source.passedOver?.()).toContain(
      "2 links lead out of the folder and were not followed: c.zip, stolen.zip",
    );
  });
});

describe("what is passed over", () => {
  it("is told by name, a few of each kind", async () => {
    const folder = join(parent, "mirror");
    await put(join(folder, "data", "a.zip"), "a");
    await put(join(parent, "secret"), "s");
    for (const number of [1, 2, 3, 4, 5, 6, 7]) await symlink("../secret", join(folder, `out-${number}.zip`));
    await symlink("nowhere", join(folder, "dangling.zip"));
    await symlink("loop.zip", join(folder, "loop.zip"));
    await symlink("data", join(folder, "linked"));
    await symlink(".", join(folder, "data", "self"));
    await symlink("data/a.zip", join(folder, "inside.zip"));
    const source = await open(folder);
    expect(await listed(source)).toEqual(["data/a.zip", "inside.zip"]);
    expect(source.passedOver?.().sort()).toEqual([
      "1 link leads nowhere: dangling.zip",
      "1 link leads to itself: loop.zip",
      "2 links to folders were not followed: data/self, linked",
      "7 links lead out of the folder and were not followed: out-1.zip, out-2.zip, out-3.zip, out-4.zip, out-5.zip, and 2 more",
    ]);
  });

  it("may be a folder that cannot be read; one that fails otherwise ends the listing, for it may be read later", async () => {
    const folder = join(parent, "mirror");
    await put(join(folder, "a", "1.zip"), "1");
    await put(join(folder, "b", "2.zip"), "2");
    const refusing = (code: string, where: string) =>
      openFolderSource({ kind: "folder", path: folder }, signal, (path) =>
        path.endsWith(where)
          ? Promise.reject(Object.assign(new Error(code), { code }))
          : readdir(path, { withFileTypes: true }),
      );
    const source = await refusing("EACCES", "/a/");
    expect(await listed(source)).toEqual(["b/2.zip"]);
    expect(source.passedOver?.()).toEqual(["1 place cannot be read and was passed over: a/ (EACCES)"]);
    await expect(listed(await refusing("EIO", "/a/"))).rejects.toMatchObject({ code: "source_unreachable" });
    await expect(listed(await refusing("EACCES", "/mirror"))).rejects.toMatchObject({
      code: "source_unreachable",
    });
  });
});
