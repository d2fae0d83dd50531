import { type Dataset, keyOfMember } from "@shardmill/core";
import type { GroupedBy } from "@shardmill/pipeline";
import type { Records } from "@shardmill/store";
import type { OutputFacts, ShardFacts } from "../facts/output-facts.ts";
import type { KnownSplit } from "../split/split-record.ts";
import type { LeftOutKey } from "./read-left-out.ts";
import { readMembers } from "./read-members.ts";

/** An output whose samples may be in a split. */
interface AskedOutput {
  readonly records: Records;
  readonly facts: Pick<OutputFacts, "name" | "shards">;
  readonly dataset: GroupedBy & Pick<Dataset, "keyPrefix">;
}

/**
 * The samples of an output that are in a split, or of a group that is. Of shards that the split has seen its record tells; of all
 * others (built since, made anew, under another output's name) the ledgers, by member and by group.
 */
export async function splitExclusions(
  { records, facts, dataset }: AskedOutput,
  splits: readonly KnownSplit[],
  signal: AbortSignal,
): Promise<LeftOutKey[]> {
  const found: LeftOutKey[] = [];
  for (const shard of facts.shards) {
    signal.throwIfAborted();
    const unseen = splits.filter((split) => !hasSeen(split, facts.name, shard));
    for (const split of splits.filter((one) => !unseen.includes(one)))
      for (const key of split.byShard.get(`${facts.name}/${shard.shard}`) ?? [])
        found.push({ key, shard: shard.shard, reason: reasonOf(split) });
    if (unseen.length === 0) continue;
    for await (const { group, keys } of readMembers(records, dataset, shard, signal)) {
      const split = unseen.find(({ groups, members }) => groups.has(group) || members.has(memberOf(keys)));
      if (split === undefined) continue;
      for (const key of keys) found.push({ key, shard: shard.shard, reason: reasonOf(split) });
    }
  }
  return found;
}

function hasSeen({ seen }: KnownSplit, output: string, { shard, sha256 }: ShardFacts): boolean {
  return seen[output]?.[shard] === sha256;
}

function memberOf([first = ""]: readonly string[]): string {
  return keyOfMember(first);
}

function reasonOf({ name }: KnownSplit): string {
  return `validation:${name}`;
}
