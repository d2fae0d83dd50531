import { spawn } from "node:child_process";
import { once } from "node:events";
import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tempFolder } from "../testing/temp-folder.ts";
import { openStore } from "./open-store.ts";
import { markState, thisProcess } from "./process-mark.ts";
import { recordPaths } from "./record-paths.ts";
import { sweepTemporaries } from "./sweep-temporaries.ts";
import { parseTemporaryName, temporaryName } from "./temporary-name.ts";

describe("sweeping", () => {
  it("takes drafts of shards that are committed, and leaves the others for whoever makes those shards", async () => {
    await using folder = await tempFolder();
    const store = await openStore(folder.path);
    const { drafts, draft, manifest } = recordPaths("toy");
    await store.put(manifest("toy-p0000-0000"), "{}");
    for (const made of [
      draft("toy-p0000-0000", "a"),
      draft("toy-p0000-0000", "a.taker"),
      draft("toy-p0000-0001", "b"),
    ])
      await store.drafts?.make(made, {}, {});
    const { removed } = await sweepTemporaries(store, "toy");
    expect(removed).toEqual([draft("toy-p0000-0000", "a"), draft("toy-p0000-0000", "a.taker")]);
    expect(await store.listFolders(drafts)).toEqual(["toy-p0000-0001~b"]);
  });

  it("removes what a killed process left, and nothing that a living one writes", async () => {
    await using folder = await tempFolder();
    const store = await openStore(folder.path);
    await store.put("toy/kept.tar", "x");
    const mine = await store.createTemp("toy/mine.tar");
    const child = spawn(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `import { openStore } from "@shardmill/store";
         const store = await openStore(process.argv[1]);
         const temp = await store.createTemp("toy/theirs.tar");
         await store.createTemp("toy/.shardmill/manifests/theirs.json");
         console.log(temp.path);
         setInterval(() => {}, 1000);`,
        folder.path,
      ],
      { cwd: new URL("..", import.meta.url), stdio: ["ignore", "pipe", "inherit"] },
    );
    const theirs = String((await once(child.stdout, "data"))[0]).trim();
    expect((await sweepTemporaries(store, "toy")).removed).toEqual([]);
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
    const { removed, kept } = await sweepTemporaries(store, "toy");
    expect(removed).toHaveLength(2);
    expect(removed).toContain(theirs);
    expect(kept).toEqual([mine.path]);
    expect(await store.list("toy")).toEqual(["toy/kept.tar"]);
    await mine.remove();
  });

  it("leaves another machine's temporaries alone until they have been still for a day", async () => {
    await using folder = await tempFolder();
    const store = await openStore(folder.path);
    const name = temporaryName("x.tar", { ...thisProcess(), host: "elsewhere.01234567" });
    await store.put(`toy/${name}`, "half");
    expect((await sweepTemporaries(store, "toy")).removed).toEqual([]);
    const past = new Date(Date.now() - 25 * 3600 * 1000);
    await utimes(join(folder.path, "toy", name), past, past);
    expect((await sweepTemporaries(store, "toy")).removed).toEqual([`toy/${name}`]);
  });

  it("removes a dead process's scratch folder whole", async () => {
    await using folder = await tempFolder();
    const store = await openStore(folder.path);
    const mark = { ...thisProcess(), startTicks: 1 };
    await store.put(`toy/.shardmill/tmp/${temporaryName("index", mark)}/deep/file`, "x");
    expect((await sweepTemporaries(store, "toy")).removed).toHaveLength(1);
    expect(await store.listAll("toy/.shardmill/tmp")).toEqual([]);
  });
});

describe("the mark of a process", () => {
  const me = thisProcess();

  it("is told from a later process with the same pid, another boot, another container and another machine", () => {
    expect(markState(me)).toBe("alive");
    expect(markState({ ...me, startTicks: me.startTicks + 1 })).toBe("dead");
    expect(markState({ ...me, pid: 2 ** 22 + 1 })).toBe("dead");
    const initial = { ...me, namespace: "4026531836" };
    expect(markState({ ...initial, boot: "00000000" }, initial)).toBe("dead");
    const container = { ...me, namespace: "7" };
    expect(markState({ ...container, boot: "00000000" }, container)).toBe("unknown");
    expect(markState({ ...me, namespace: "7" })).toBe("unknown");
    expect(markState({ ...me, host: "other" })).toBe("unknown");
  });

  it("can be read back from a temporary name", () => {
    expect(parseTemporaryName(temporaryName("a~b.tar"))).toEqual({ name: "a~b.tar", mark: me });
    expect(parseTemporaryName("a.tar")).toBeNull();
    expect(parseTemporaryName(".hidden.tmp")).toBeNull();
  });
});
