import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { faultyFileSystem, openRecords, openStore, systemError } from "@shardmill/store";
import { describe, expect, it } from "vitest";
import { commitToy, dataset, makeShard, never, openToy, tempFolder } from "../../testing/make-shard.ts";
import { verifyPath } from "../verify/verify-path.ts";
import { commitDraft, standingManifest } from "./commit-shard.ts";

const shard = "toy-p0000-0000";

/** Every file that is not a temporary, by path. */
async function content(root: string): Promise<Record<string, string>> {
  const all = await readdir(root, { recursive: true, withFileTypes: true });
  const files = all.filter(
    (entry) => entry.isFile() && !/\.tmp(\/|$)/.test(join(entry.parentPath, entry.name)),
  );
  const pairs = files.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    return [path.slice(root.length + 1), (await readFile(path)).toString("base64")] as const;
  });
  return Object.fromEntries((await Promise.all(pairs)).sort());
}

const always = async (): Promise<boolean> => true;

describe("a commit", () => {
  it("leaves, when it dies at any call of the file system, a state from which a rerun gives the same files", async () => {
    await using undisturbed = await tempFolder();
    await commitToy((await openToy(undisturbed.path)).records, shard);
    const expected = await content(undisturbed.path);
    let deaths = 0;
    for (let deadly = 1; ; deadly += 1) {
      await using folder = await tempFolder();
      let calls = 0;
      const fs = faultyFileSystem(() => {
        calls += 1;
        // From the deadly call on nothing happens any more, as after kill -9: not even cleaning up.
        if (calls >= deadly) throw systemError("EIO");
      });
      const records = openRecords(await openStore(folder.path, { fs }), dataset);
      const ended = await commitToy(records, shard).then(
        () => "committed",
        (error: unknown) => error,
      );
      if (calls < deadly) break;
      deaths += 1;
      if (ended !== "committed") expect(ended, `call ${deadly}`).toMatchObject({ code: "output_io" });
      await commitToy((await openToy(folder.path)).records, shard);
      expect(await content(folder.path), `after dying at call ${deadly}`).toEqual(expected);
    }
    expect(deaths).toBeGreaterThan(20);
  });

  it("when the shard is committed already, leaves it alone and says whether the bytes are the same", async () => {
    await using folder = await tempFolder();
    const { records } = await openToy(folder.path);
    await commitToy(records, shard);
    const before = await content(folder.path);
    const same = await makeShard(records, shard);
    expect(await same.writer.publish(same.manifest, same.ledger, never)).toMatchObject({
      kind: "already",
      same: true,
    });
    const other = await makeShard(records, shard, { failed: [1] });
    const result = await other.writer.publish(other.manifest, other.ledger, never);
    expect(result).toMatchObject({ kind: "already", same: false });
    expect(await content(folder.path)).toEqual(before);
    expect((await readdir(join(folder.path, dataset))).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("makes a shard good whose tar or manifest is gone, cut or damaged", async () => {
    await using folder = await tempFolder();
    const { records, store } = await openToy(folder.path);
    await commitToy(records, shard);
    const whole = await content(folder.path);
    const tar = records.paths.tar(shard);
    const damages = [
      () => rm(join(folder.path, tar)),
      () => store.put(tar, "cut"),
      () => rm(join(folder.path, records.paths.manifest(shard))),
      () => store.put(records.paths.manifest(shard), "{"),
    ];
    for (const damage of damages) {
      await damage();
      const again = await makeShard(records, shard);
      expect(await again.writer.publish(again.manifest, again.ledger, never)).toEqual({ kind: "committed" });
      expect(await content(folder.path)).toEqual(whole);
    }
  });

  it("finishes the tar of a twin that sleeps, wherever it does, and either way one of them is committed", async () => {
    await using folder = await tempFolder();
    const { records } = await openToy(folder.path);
    for (const sleepsAt of [".tar", ".jsonl", ".tar.idx", "0000.idx", ".json"]) {
      await records.removeShard(shard);
      const held = hold();
      const fs = faultyFileSystem(async (operation, _path, to) => {
        if (operation === "link" && to?.endsWith(sleepsAt) === true) await held.reached();
      });
      const frozen = await makeShard(openRecords(await openStore(folder.path, { fs }), dataset), shard);
      const frozenEnd = frozen.writer.publish(frozen.manifest, frozen.ledger, never);
      await held.arrival;
      // This twin lost a clip, so that its bytes differ.
      const twin = await makeShard(records, shard, { failed: [2] });
      const twinEnd = await twin.writer.publish(twin.manifest, twin.ledger, never);
      held.release();
      const isFirst = sleepsAt === ".tar";
      expect(twinEnd, sleepsAt).toMatchObject(
        isFirst ? { kind: "committed" } : { kind: "already", same: false },
      );
      expect(await frozenEnd, sleepsAt).toMatchObject(
        isFirst ? { kind: "already", same: false } : { kind: "committed" },
      );
      expect((await verifyPath(join(folder.path, dataset), { deep: false }, never)).problems).toEqual([]);
      expect(await records.listDrafts(shard)).toEqual([]);
    }
  });

  it("takes what one that died had made, without making it again", async () => {
    await using whole = await tempFolder();
    await commitToy((await openToy(whole.path)).records, shard);
    for (const diesAt of [".tar", ".tar.idx", "0000.json"]) {
      await using folder = await tempFolder();
      let isDead = false;
      const fs = faultyFileSystem((operation, _path, to) => {
        isDead ||= operation === "link" && to?.endsWith(diesAt) === true;
        if (isDead) throw systemError("EIO");
      });
      const dying = openRecords(await openStore(folder.path, { fs }), dataset);
      await expect(commitToy(dying, shard)).rejects.toMatchObject({ code: "output_io" });
      const { records } = await openToy(folder.path);
      expect(await commitDraft(records, shard, () => false, always)).toBe(false);
      expect(await commitDraft(records, shard, () => true, always)).toBe(true);
      expect(await content(folder.path), diesAt).toEqual(await content(whole.path));
    }
  });

  it("does not go out of a draft that was made before something was withdrawn, and takes away the prints of before", async () => {
    await using folder = await tempFolder();
    let isDead = false;
    const fs = faultyFileSystem((operation, _path, to) => {
      isDead ||= operation === "link" && to?.endsWith(".tar.idx") === true;
      if (isDead) throw systemError("EIO");
    });
    const dying = openRecords(await openStore(folder.path, { fs }), dataset);
    await expect(commitToy(dying, shard)).rejects.toMatchObject({ code: "output_io" });
    const { records, store } = await openToy(folder.path);
    await store.put(records.paths.prints(shard), "of what is withdrawn");
    const { writer, manifest, ledger } = await makeShard(records, shard, { failed: [1] });
    const end = await writer.publish(manifest, ledger, never, { withdrawn: "some" });
    expect(end).toEqual({ kind: "committed" });
    expect(await records.readManifest(shard)).toMatchObject({ value: { samples: 2 } });
    expect((await verifyPath(join(folder.path, dataset), { deep: false }, never)).problems).toEqual([]);
    expect(await records.listDrafts(shard)).toEqual([]);
    expect(await store.read(records.paths.prints(shard))).toBeNull();
  });

  it("replaces the manifest that it is told to replace, and no other", async () => {
    await using folder = await tempFolder();
    const { records } = await openToy(folder.path);
    await commitToy(records, shard);
    const old = await standingManifest(records, { shard });
    const repair = await makeShard(records, shard, { failed: [1] });
    expect(
      await repair.writer.publish(repair.manifest, repair.ledger, never, { replaces: async () => old }),
    ).toEqual({
      kind: "committed",
    });
    expect(await records.readManifest(shard)).toMatchObject({ value: { samples: 2 } });
    expect((await verifyPath(join(folder.path, dataset), { deep: false }, never)).problems).toEqual([]);
    const late = await makeShard(records, shard);
    expect(
      await late.writer.publish(late.manifest, late.ledger, never, { replaces: async () => old }),
    ).toMatchObject({
      kind: "already",
    });
    expect(await records.readManifest(shard)).toMatchObject({ value: { samples: 2 } });
  });

  it("an empty one takes away the tar and the indexes that lay there", async () => {
    await using folder = await tempFolder();
    const { records, store } = await openToy(folder.path);
    await commitToy(records, shard);
    await store.remove(records.paths.manifest(shard));
    await commitToy(records, shard, { failed: [0, 1, 2] });
    expect(await store.list(dataset)).toEqual([]);
    expect(await store.list(`${dataset}/dali`)).toEqual([]);
    expect(await records.readManifest(shard)).toMatchObject({ value: { tar: null, counts: { failed: 3 } } });
  });

  it("of ten twins with the same bytes commits one, and all agree", async () => {
    await using folder = await tempFolder();
    const { records } = await openToy(folder.path);
    const twins = await Promise.all(Array.from({ length: 10 }, () => makeShard(records, shard)));
    const ends = await Promise.all(
      twins.map(({ writer, manifest, ledger }) => writer.publish(manifest, ledger, never)),
    );
    expect(ends.every((end) => end.kind === "committed" || end.same)).toBe(true);
    expect(ends.filter((end) => end.kind === "committed").length).toBe(1);
    expect((await verifyPath(join(folder.path, dataset), { deep: false }, never)).problems).toEqual([]);
  });

  it("reports a full disk as output_full and leaves no temporary file", async () => {
    await using folder = await tempFolder();
    const fs = faultyFileSystem((operation) => {
      if (operation === "write") throw systemError("ENOSPC");
    });
    const records = openRecords(await openStore(folder.path, { fs }), dataset);
    await expect(commitToy(records, shard)).rejects.toMatchObject({
      code: "output_full",
      retry: "later",
      where: { path: `${dataset}/${shard}.tar` },
    });
    expect(await readdir(join(folder.path, dataset))).toEqual([]);
  });
});

/** A place where one party waits until the other lets it go. */
function hold() {
  let [arrive, release] = [() => {}, () => {}];
  const arrival = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const reached = async (): Promise<void> => {
    arrive();
    await released;
  };
  return { arrival, released, reached, release };
}
