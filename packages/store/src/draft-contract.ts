import { deepEqual, equal, rejects } from "node:assert/strict";
import type { DraftFile, Drafts } from "./drafts.ts";
import type { Store } from "./store.ts";
import { filled, text } from "./store-contract.ts";

/** What whoever commits shards out of drafts relies on, in every store that has them. Each case gets an empty store. */
export const draftContract: readonly {
  readonly title: string;
  run(store: Store, drafts: Drafts): Promise<void>;
}[] = [
  {
    title: "publishes out of a draft where nothing is, replaces out of it, and takes away into it",
    async run(store, drafts) {
      const draft = await aDraft(drafts, "d/drafts/x", "new");
      equal(await drafts.publish(draft, "file", "d/sub/final"), "published");
      equal(await text(store, "d/sub/final"), "new");
      equal((await store.stat("d/sub/final"))?.identity, (await store.stat(`${draft}/file`))?.identity);
      equal(await drafts.publish(draft, "file", "d/sub/final"), "exists");
      await store.put("d/other", "old");
      await store.put("d/third", "old");
      const files = [
        { file: "file", final: "d/other" },
        { file: "file", final: "d/sub/new" },
        { file: null, final: "d/third" },
      ];
      equal(await drafts.settle(draft, files), "settled");
      for (const path of ["d/other", "d/sub/new"]) equal(await text(store, path), "new");
      equal(await store.read("d/third"), null);
      for (let round = 0; round < 2; round += 1) equal(await drafts.clear(draft, "d/other"), "cleared");
      equal(await store.read("d/other"), null);
      await drafts.remove(draft);
      equal(await text(store, "d/sub/final"), "new");
      deepEqual(await store.listFolders("d/drafts"), []);
    },
  },
  {
    title: "publishes, replaces and takes away nothing any more when the draft is gone",
    async run(store, drafts) {
      const draft = await aDraft(drafts, "d/drafts/x", "new");
      await store.put("d/old", "old");
      await drafts.remove(draft);
      await drafts.remove(draft);
      equal(await drafts.publish(draft, "file", "d/new"), "gone");
      equal(await drafts.settle(draft, [{ file: "file", final: "d/old" }]), "gone");
      equal(await drafts.settle(draft, [{ file: null, final: "d/old" }]), "gone");
      equal(await drafts.clear(draft, "d/old"), "gone");
      equal(await text(store, "d/old"), "old");
      equal(await store.read("d/new"), null);
    },
  },
  {
    title:
      "moves a temporary file into a draft, which is whole when it is seen, and makes none where a file fails",
    async run(store, drafts) {
      const temp = await filled(store, "d/final.tar", ["ab"]);
      const made = await drafts.make("d/drafts/x", {}, { tar: temp });
      equal(made.get("tar")?.identity, (await store.stat("d/drafts/x/tar"))?.identity);
      equal(made.get("tar")?.modifiedMs, (await store.stat("d/drafts/x/tar"))?.modifiedMs);
      deepEqual(await store.listTemporaries("d"), []);
      equal(await text(store, "d/drafts/x/tar"), "ab");
      const fails = async (): Promise<never> => {
        throw new Error("planted");
      };
      await rejects(drafts.make("d/drafts/y", { file: fails }, {}), /planted/);
      deepEqual(await store.listFolders("d/drafts"), ["x"]);
    },
  },
];

async function aDraft(drafts: Drafts, draft: string, data: string): Promise<string> {
  const fill = async (file: DraftFile): Promise<void> => {
    await file.write(Buffer.from(data));
    await file.sync();
  };
  await drafts.make(draft, { file: fill }, {});
  return draft;
}
