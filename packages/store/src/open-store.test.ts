import { execFileSync } from "node:child_process";
import { readdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tempFolder } from "../testing/temp-folder.ts";
import { draftContract } from "./draft-contract.ts";
import { type FileOperation, faultyFileSystem, systemError } from "./faulty-file-system.ts";
import { openStore } from "./open-store.ts";
import { storeContract } from "./store-contract.ts";

describe("the local store", () => {
  for (const { title, run } of storeContract) {
    it(title, async () => {
      await using folder = await tempFolder();
      await run(await openStore(join(folder.path, "out")));
    });
  }

  for (const { title, run } of draftContract) {
    it(title, async () => {
      await using folder = await tempFolder();
      const store = await openStore(folder.path);
      if (store.drafts === null) throw new Error("a folder has drafts");
      await run(store, store.drafts);
    });
  }

  it("says in one failure that a folder of the path is a file", async () => {
    await using folder = await tempFolder();
    const store = await openStore(folder.path);
    await store.put("file", "x");
    await expect(store.put("file/below", "y")).rejects.toMatchObject({ code: "output_unwritable" });
  });

  it("makes nothing before the first write", async () => {
    await using folder = await tempFolder();
    const store = await openStore(join(folder.path, "out"));
    expect(await store.list("toy")).toEqual([]);
    expect(await store.freeBytes()).toBeGreaterThan(0);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("refuses a root that is a file, or lies under one, in one line", async () => {
    await using folder = await tempFolder();
    const file = join(folder.path, "file");
    await writeFile(file, "x");
    await expect(openStore(file)).rejects.toMatchObject({ code: "output_unwritable" });
    const below = await openStore(join(file, "out"));
    await expect(below.put("a", "x")).rejects.toMatchObject({
      code: "output_unwritable",
      where: { path: "a" },
    });
  });

  it("takes a link to a folder for the folder, as a mount in another place", async () => {
    await using folder = await tempFolder();
    const shared = await openStore(join(folder.path, "shared"));
    await shared.put("toy/a", "x");
    await symlink(join(folder.path, "shared"), join(folder.path, "here"));
    const here = await openStore(join(folder.path, "here"));
    expect(await here.list("toy")).toEqual(["toy/a"]);
    await here.put("toy/b", "y");
    expect(await shared.list("toy")).toEqual(["toy/a", "toy/b"]);
  });

  it("names a file system without hard links by that, whatever it says of them", async () => {
    for (const system of ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV"]) {
      await using folder = await tempFolder();
      const fs = faultyFileSystem((operation) => {
        if (operation === "link") throw systemError(system);
      });
      const store = await openStore(folder.path, { fs });
      await expect(store.putNew("toy/a", "x")).rejects.toMatchObject({
        code: "output_without_links",
        retry: "never",
        message: `publishing toy/a: the file system of the output takes no hard link (${system})`,
      });
      expect(await store.listAll("toy")).toEqual([]);
    }
  });

  it("does without the sync of a folder where there is no such thing", async () => {
    for (const system of ["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]) {
      await using folder = await tempFolder();
      const fs = faultyFileSystem((operation) => {
        if (operation === "syncFolder") throw systemError(system);
      });
      const store = await openStore(folder.path, { fs });
      expect(await store.putNew("new/toy/a", "x")).toBe("published");
      await store.put("new/toy/a", "y");
      expect(Buffer.from((await store.read("new/toy/a")) ?? []).toString()).toBe("y");
    }
  });

  it("turns what the system says into codes, with the path, and leaves no temporary file", async () => {
    const cases: [FileOperation, string, string][] = [
      ["write", "ENOSPC", "output_full"],
      ["write", "EDQUOT", "output_full"],
      ["write", "EIO", "output_io"],
      ["sync", "EIO", "output_io"],
      ["create", "EACCES", "output_unwritable"],
      ["create", "EROFS", "output_unwritable"],
      ["rename", "EIO", "output_io"],
      ["syncFolder", "EIO", "output_io"],
    ];
    for (const [faulty, system, code] of cases) {
      await using folder = await tempFolder();
      const fs = faultyFileSystem((operation) => {
        if (operation === faulty) throw systemError(system);
      });
      const store = await openStore(folder.path, { fs });
      await expect(store.put("x", "data"), `${faulty} ${system}`).rejects.toMatchObject({
        code,
        where: { path: "x" },
      });
      expect((await readdir(folder.path)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    }
  });

  it("leaves what was there untouched when a put fails at any point before its rename", async () => {
    for (const faulty of ["create", "write", "sync", "rename"] satisfies FileOperation[]) {
      await using folder = await tempFolder();
      await (await openStore(folder.path)).put("x", "old");
      const fs = faultyFileSystem((operation) => {
        if (operation === faulty) throw systemError("EIO");
      });
      const store = await openStore(folder.path, { fs });
      await expect(store.put("x", "new")).rejects.toMatchObject({ code: "output_io" });
      expect(Buffer.from((await store.read("x")) ?? []).toString()).toBe("old");
    }
  });

  it("syncs file, then name, then folder", async () => {
    await using folder = await tempFolder();
    const calls: FileOperation[] = [];
    const store = await openStore(folder.path, {
      fs: faultyFileSystem((operation) => void calls.push(operation)),
    });
    await store.put("x", "data");
    expect(calls).toEqual(["create", "write", "sync", "rename", "syncFolder", "unlink"]);
  });

  it("gives a file the mode that was asked for", async () => {
    await using folder = await tempFolder();
    const store = await openStore(folder.path);
    await store.put("secret", "x", { mode: 0o600 });
    expect((await stat(join(folder.path, "secret"))).mode & 0o777).toBe(0o600);
  });

  it("says output_full on a disk that really is full", async ({ skip }) => {
    await using folder = await tempFolder();
    const script = `mount -t tmpfs -o size=1m tmpfs "$1" && "$2" --input-type=module -e '
      import { openStore } from "@shardmill/store";
      const store = await openStore(process.argv[1]);
      await store.put("x", new Uint8Array(4 << 20)).catch((error) => console.log(error.code));
      console.log(JSON.stringify(await store.listAll("")));' "$1"`;
    const run = () =>
      execFileSync("unshare", ["--mount", "sh", "-c", script, "sh", folder.path, process.execPath], {
        cwd: new URL("..", import.meta.url),
        stdio: ["ignore", "pipe", "pipe"],
      }).toString();
    if (!canMount(folder.path)) skip("a tmpfs of its own needs rights that are not to be had here");
    expect(run()).toBe("output_full\n[]\n");
  });
});

function canMount(folder: string): boolean {
  try {
    execFileSync("unshare", ["--mount", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], {
      stdio: "ignore",
    });
    return true;
  } catch {
    return false;
  }
}
