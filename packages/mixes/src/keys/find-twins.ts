import { keyForm } from "@shardmill/core";
import type { Records } from "@shardmill/store";
import { keyOverlaps, type ShardOfSet } from "./key-overlaps.ts";
import { type KeysAtPosition, ledgerKeys } from "./ledger-keys.ts";

/** A set whose keys are looked at. */
export interface SetOfKeys {
  readonly name: string;
  readonly records: Records;
  readonly shards: readonly ShardOfSet["shard"][];
}

/** A key that stands in two shards. */
export interface Twin {
  readonly key: string;
  /** The numbers of the sets, and the shards; they may be one set's. */
  readonly sets: readonly [number, number];
  readonly shards: readonly [string, string];
}

/**
 * Keys that occur twice, the first of each two sets. Keys are made of a part and a position: only where spans of positions overlap
 * could one occur twice, and only there the ledgers are compared, two at a time and line by line. `isExcluded`: what nobody reads.
 */
export async function findTwins(
  sets: readonly SetOfKeys[],
  isExcluded: (key: string) => boolean,
  signal: AbortSignal,
): Promise<Twin[]> {
  const all = sets.flatMap(({ shards }, set) => shards.map((shard) => ({ set, shard })));
  const found = new Map<string, Twin>();
  for (const [a, b] of keyOverlaps(all)) {
    const pair = [a.set, b.set].sort((x, y) => x - y).join(" ");
    if (found.has(pair)) continue;
    signal.throwIfAborted();
    const of = ({ set, shard }: ShardOfSet): AsyncGenerator<KeysAtPosition> | null => {
      const records = sets[set]?.records;
      return records === undefined
        ? null
        : ledgerKeys(records, { shard: shard.shard, begin: shard.keys.begin }, signal);
    };
    const [ofA, ofB] = [of(a), of(b)];
    const key = ofA === null || ofB === null ? null : await firstCommon(ofA, ofB, isExcluded);
    if (key !== null) found.set(pair, { key, sets: [a.set, b.set], shards: [a.shard.shard, b.shard.shard] });
  }
  return [...found.values()];
}

/** Both in order of positions: read side by side. */
async function firstCommon(
  a: AsyncGenerator<KeysAtPosition>,
  b: AsyncGenerator<KeysAtPosition>,
  isExcluded: (key: string) => boolean,
): Promise<string | null> {
  try {
    let [one, other] = [await a.next(), await b.next()];
    while (one.done !== true && other.done !== true) {
      if (one.value.position < other.value.position) one = await a.next();
      else if (one.value.position > other.value.position) other = await b.next();
      else {
        const key = commonKey(one.value.keys, other.value.keys, isExcluded);
        if (key !== null) return key;
        [one, other] = [await a.next(), await b.next()];
      }
    }
    return null;
  } finally {
    await a.return(undefined);
    await b.return(undefined);
  }
}

function commonKey(
  a: readonly string[],
  b: readonly string[],
  isExcluded: (key: string) => boolean,
): string | null {
  const forms = new Set(b.map(keyForm));
  return a.find((key) => forms.has(keyForm(key)) && !isExcluded(key)) ?? null;
}
