import type { ShardFacts } from "../facts/output-facts.ts";

/** A shard, and the number of the set that it is of. */
export interface ShardOfSet {
  readonly set: number;
  readonly shard: ShardFacts;
}

/**
 * Pairs of shards in which the same key could stand: their keys begin alike, and their spans of positions overlap. All other pairs
 * are disjoint by what keys are made of. Takes as much memory as there are shards.
 */
export function* keyOverlaps(shards: readonly ShardOfSet[]): Generator<readonly [ShardOfSet, ShardOfSet]> {
  const ordered = shards.toSorted(
    ({ shard: { keys: a } }, { shard: { keys: b } }) =>
      compare(a.begin, b.begin) || a.first - b.first || a.last - b.last,
  );
  let open: ShardOfSet[] = [];
  for (const one of ordered) {
    const { begin, first } = one.shard.keys;
    open = open.filter(({ shard: { keys } }) => keys.begin === begin && keys.last >= first);
    for (const other of open) yield [other, one];
    open.push(one);
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
