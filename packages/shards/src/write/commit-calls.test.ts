import { openRecords, openStore, type Store } from "@shardmill/store";
import { expect, it } from "vitest";
import { dataset, makeShard, never, tempFolder } from "../../testing/make-shard.ts";

/** Counts what is asked of a store, each of which may take a round trip. */
function counting<T extends object>(asked: T, calls: Map<string, number>): T {
  return new Proxy(asked, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name === "drafts" && typeof value === "object" && value !== null) return counting(value, calls);
      if (typeof value !== "function") return value;
      return (...given: unknown[]) => {
        calls.set(String(name), (calls.get(String(name)) ?? 0) + 1);
        return Reflect.apply(value, target, given);
      };
    },
  });
}

it("a commit asks the store for nine things, however many shards there are", async () => {
  await using folder = await tempFolder();
  const calls = new Map<string, number>();
  const store: Store = counting(await openStore(folder.path), calls);
  const records = openRecords(store, dataset);
  for (let range = 0; range < 5; range += 1) {
    const { writer, manifest, ledger } = await makeShard(records, `toy-p0000-000${range}`);
    calls.clear();
    expect(await writer.publish(manifest, ledger, never)).toEqual({ kind: "committed" });
    expect(Object.fromEntries(calls)).toEqual({
      // The draft whole, its tar, its ledger and indexes, its manifest, and the draft gone.
      ...{ make: 1, publish: 2, settle: 1, remove: 1 },
      // Other drafts before and after its tar lies there; whether another is committed; whether its tar lies there still.
      ...{ listFolders: 2, stat: 2 },
    });
  }
});
