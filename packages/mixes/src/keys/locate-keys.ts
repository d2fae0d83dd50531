import { keyForm } from "@shardmill/core";
import type { Records } from "@shardmill/store";
import type { ShardFacts } from "../facts/output-facts.ts";
import { ledgerKeys } from "./ledger-keys.ts";
import type { LocatedKey } from "./read-left-out.ts";

interface Wanted {
  readonly key: string;
  readonly position: number;
}

/**
 * In which shards of an output the members of these keys lie; what it has not is not in the answer. Only the ledgers of shards whose
 * span of positions holds one of them are read, one after the other.
 */
export async function locateKeys(
  records: Records,
  shards: readonly ShardFacts[],
  keys: readonly string[],
  signal: AbortSignal,
): Promise<LocatedKey[]> {
  const byBegin = new Map<string, Wanted[]>();
  for (const key of keys) {
    const [, begin, digits] = /^(.*-)(\d{6,})/.exec(key) ?? [];
    if (begin === undefined) continue;
    const some = byBegin.get(begin) ?? [];
    some.push({ key, position: Number(digits) });
    byBegin.set(begin, some);
  }
  const located: LocatedKey[] = [];
  for (const shard of shards) {
    const { begin, first, last } = shard.keys;
    const wanted = byBegin.get(begin)?.filter(({ position }) => position >= first && position <= last) ?? [];
    if (wanted.length > 0) located.push(...(await locatedIn(records, shard, wanted, signal)));
  }
  return located;
}

async function locatedIn(
  records: Records,
  { shard, keys: { begin } }: ShardFacts,
  wanted: readonly Wanted[],
  signal: AbortSignal,
): Promise<LocatedKey[]> {
  const at = new Map<number, Wanted[]>();
  for (const one of wanted) at.set(one.position, [...(at.get(one.position) ?? []), one]);
  const located: LocatedKey[] = [];
  for await (const { position, keys } of ledgerKeys(records, { shard, begin }, signal)) {
    const here = at.get(position)?.filter(({ key }) => isAmong(key, keys)) ?? [];
    located.push(...here.map(({ key }) => ({ key, shard })));
  }
  return located;
}

/** Behind the first key of a member stand those of its other records and turns. */
function isAmong(key: string, found: readonly string[]): boolean {
  const form = keyForm(key);
  return found.some((first) => keyForm(first) === form);
}
