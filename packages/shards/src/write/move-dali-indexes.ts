import { recordPaths, type Store } from "@shardmill/store";

/**
 * DALI's indexes once lay beside the tars, where `*.idx` met both them and Energon's. What still lies there goes to where it
 * belongs; where a newer one is there already, it is of a shard that has been made again.
 */
export async function moveDaliIndexes(
  store: Store,
  dataset: string,
  shards: readonly string[],
): Promise<void> {
  const paths = recordPaths(dataset);
  const there = new Set(await store.list(paths.dataset));
  for (const shard of shards) {
    const before = paths.daliIndexBefore(shard);
    const index = there.has(before) ? await store.read(before) : null;
    if (index === null) continue;
    await store.putNew(paths.daliIndex(shard), index);
    await store.remove(before);
  }
}
