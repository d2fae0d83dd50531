import { locatedFrames, openShard, readSampleJson, tokensOfSample } from "@shardmill/shards";
import type { Store } from "@shardmill/store";
import type { ExcludedKey } from "../plan/mix-plan.ts";

/** A key and the shard that its member lies in. */
export interface LocatedKey {
  readonly key: string;
  readonly shard: string;
}

/** A sample that is left out, and why: `listed`, `validation:<split>` or `overlaps:<output>`. */
export interface LeftOutKey extends LocatedKey {
  readonly reason: string;
}

/**
 * What samples hold that a mix leaves out, so that its figures are those of what is left. A ledger knows no tokens, and of a member with
 * several samples the first key alone: so they are looked up in the tars, by the index, one at a time. A key that no tar has is not in
 * the answer.
 */
export async function readLeftOut(
  store: Store,
  output: string,
  keys: readonly LeftOutKey[],
  signal: AbortSignal,
): Promise<ExcludedKey[]> {
  const byShard = new Map<string, LeftOutKey[]>();
  for (const one of keys) {
    const some = byShard.get(one.shard);
    if (some === undefined) byShard.set(one.shard, [one]);
    else some.push(one);
  }
  const read: ExcludedKey[] = [];
  for (const [shard, own] of byShard) {
    await using tar = await openShard({ store, path: `${output}/${shard}.tar` });
    for (const { key, reason } of own) {
      signal.throwIfAborted();
      const sample = await tar.find(key, signal);
      if (sample === null) continue;
      const json = await readSampleJson(tar, sample, shard);
      const { duration } = json;
      read.push({
        key,
        shard,
        reason,
        frames: locatedFrames(sample.members, json).length,
        tokens: tokensOfSample(json),
        durationMs: typeof duration === "number" ? Math.round(duration * 1000) : 0,
      });
    }
  }
  return read;
}
