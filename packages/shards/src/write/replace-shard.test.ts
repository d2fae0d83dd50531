import { faultyFileSystem, openRecords, openStore, type Records, systemError } from "@shardmill/store";
import { expect, it } from "vitest";
import { commitToy, dataset, makeShard, never, openToy, tempFolder } from "../../testing/make-shard.ts";
import { verifyPath } from "../verify/verify-path.ts";
import { commitDraft, standingManifest } from "./commit-shard.ts";

const shard = "toy-p0000-0000";

async function replaceToy(records: Records): Promise<void> {
  const replaces = await standingManifest(records, { shard });
  const { writer, manifest, ledger } = await makeShard(records, shard, { failed: [1] });
  await writer.publish(manifest, ledger, never, { replaces: async () => replaces });
}

const always = async (): Promise<boolean> => true;

it("a shard that gives way to another is, wherever that dies, the old one, the new one, or one that is finished without being made", async () => {
  const ends = new Set<string>();
  for (let deadly = 1; ; deadly += 1) {
    await using folder = await tempFolder();
    const { records } = await openToy(folder.path);
    await commitToy(records, shard);
    let calls = 0;
    const fs = faultyFileSystem(() => {
      calls += 1;
      if (calls >= deadly) throw systemError("EIO");
    });
    const dying = openRecords(await openStore(folder.path, { fs }), dataset);
    await replaceToy(dying).catch(() => undefined);
    if (calls < deadly) break;
    const left = await records.readManifest(shard);
    if (left.kind === "ok") ends.add(left.value.samples === 3 ? "old" : "new");
    else {
      expect(await commitDraft(records, shard, () => true, always), `call ${deadly}`).toBe(true);
      expect(await records.readManifest(shard)).toMatchObject({ value: { samples: 2 } });
      ends.add("finished");
    }
    const { problems } = await verifyPath(`${folder.path}/${dataset}`, { deep: false }, never);
    expect(
      problems.filter(({ code }) => code !== "leftover"),
      `call ${deadly}`,
    ).toEqual([]);
    await replaceToy(records);
    expect(await records.readManifest(shard)).toMatchObject({ value: { samples: 2 } });
    expect(await records.listDrafts(shard)).toEqual([]);
  }
  expect([...ends].sort()).toEqual(["finished", "new", "old"]);
});
