import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "@shardmill/core";
import { faultyFileSystem, openRecords, openStore, systemError } from "@shardmill/store";
import { describe, expect, it } from "vitest";
import { commitToy, dataset, makeShard, never, openToy, tempFolder } from "../../testing/make-shard.ts";
import { verifyPath } from "../verify/verify-path.ts";

const shard = "toy-p0000-0000";
const noWait: Clock = { now: () => 0, sleep: async () => undefined };

/** Every file that is not a temporary, by path. */
async function content(root: string): Promise<Record<string, string>> {
  const all = await readdir(root, { recursive: true, withFileTypes: true });
  const files = all.filter((entry) => entry.isFile() && !entry.name.endsWith(".tmp"));
  const pairs = files.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    return [path.slice(root.length + 1), (await readFile(path)).toString("base64")] as const;
  });
  return Object.fromEntries((await Promise.all(pairs)).sort());
}

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
      // The test's process lives on and would be taken for a living twin.
      await commitToy((await openToy(folder.path)).records, shard, { clock: noWait });
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

  it("waits for a living twin that has linked its tar and not yet its manifest", async () => {
    await using folder = await tempFolder();
    const { records } = await openToy(folder.path);
    const held = hold();
    const fs = faultyFileSystem(async (operation, _path, to) => {
      if (operation === "link" && to?.endsWith(".jsonl") === true) await held.reached();
    });
    const slow = await makeShard(openRecords(await openStore(folder.path, { fs }), dataset), shard);
    const slowEnd = slow.writer.publish(slow.manifest, slow.ledger, never);
    await held.arrival;
    // This twin lost a clip, so that its bytes differ.
    const letGo: Clock = {
      now: () => 0,
      async sleep() {
        held.release();
        await slowEnd;
      },
    };
    const quick = await makeShard(records, shard, { failed: [2], clock: letGo });
    const quickEnd = await quick.writer.publish(quick.manifest, quick.ledger, never);
    expect(await slowEnd).toEqual({ kind: "committed" });
    expect(quickEnd).toMatchObject({ kind: "already", same: false });
    expect((await verifyPath(join(folder.path, dataset), { deep: false }, never)).problems).toEqual([]);
  });

  it("survives a twin that was taken for dead and wakes after the other has finished", async () => {
    await using folder = await tempFolder();
    const { records } = await openToy(folder.path);
    for (const sleepsAt of [".tar", ".tar.idx", "0000.idx", ".jsonl", ".json"]) {
      await records.removeShard(shard);
      const held = hold();
      const fs = faultyFileSystem(async (operation, _path, to) => {
        if (operation === "link" && to?.endsWith(sleepsAt) === true) await held.reached();
      });
      const frozen = await makeShard(openRecords(await openStore(folder.path, { fs }), dataset), shard);
      const frozenEnd = frozen.writer.publish(frozen.manifest, frozen.ledger, never);
      await held.arrival;
      const twin = await makeShard(records, shard, { failed: [2], clock: noWait });
      expect(await twin.writer.publish(twin.manifest, twin.ledger, never)).toEqual({ kind: "committed" });
      held.release();
      expect(await frozenEnd, sleepsAt).toMatchObject({ kind: "already", same: false });
      expect(
        (await verifyPath(join(folder.path, dataset), { deep: false }, never)).problems,
        sleepsAt,
      ).toEqual([]);
    }
  });

  it("of ten twins with the same bytes commits one, and all agree", async () => {
    await using folder = await tempFolder();
    const { records } = await openToy(folder.path);
    const twins = await Promise.all(Array.from({ length: 10 }, () => makeShard(records, shard)));
    const ends = await Promise.all(
      twins.map(({ writer, manifest, ledger }) => writer.publish(manifest, ledger, never)),
    );
    expect(ends.every((end) => end.kind === "committed" || end.same)).toBe(true);
    expect(ends.filter((end) => end.kind === "committed").length).toBeGreaterThan(0);
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
