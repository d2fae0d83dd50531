import { type Dataset, keyOfMember } from "@shardmill/core";
import { type GroupedBy, readGroups } from "@shardmill/pipeline";
import { openShard } from "@shardmill/shards";
import type { Records } from "@shardmill/store";
import type { ShardFacts } from "../facts/output-facts.ts";

/** A packed member: its group as it is compared with those of other outputs, and the keys of all its samples. */
export interface MemberKeys {
  readonly group: string;
  readonly keys: readonly string[];
}

/**
 * The members of a shard in the ledger's order. A ledger names the first key of a member: only where members have several samples the
 * tar is asked for the others.
 */
export async function* readMembers(
  records: Records,
  dataset: GroupedBy & Pick<Dataset, "keyPrefix">,
  { shard, subset, samples }: Pick<ShardFacts, "shard" | "subset" | "samples">,
  signal: AbortSignal,
): AsyncGenerator<MemberKeys> {
  const read = await records.readManifest(shard);
  const manifest = read.kind === "ok" ? read.value : null;
  const all = manifest?.counts.packed === samples ? null : await keysByMember(records, shard, signal);
  for await (const { line, group } of readGroups(records, dataset, manifest ?? { shard, subset }, signal))
    yield { group: comparable(group, dataset), keys: all?.get(keyOfMember(line.key)) ?? [line.key] };
}

/** A member's name says nothing outside its dataset. */
function comparable(group: string, { keyPrefix }: Pick<Dataset, "keyPrefix">): string {
  return group.startsWith("member:") ? `member:${keyPrefix}/${group.slice("member:".length)}` : group;
}

async function keysByMember(
  { store, paths }: Records,
  shard: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const keys = new Map<string, string[]>();
  await using tar = await openShard({ store, path: paths.tar(shard) });
  for await (const { key } of tar.list(signal)) {
    const member = keyOfMember(key);
    keys.set(member, [...(keys.get(member) ?? []), key]);
  }
  return keys;
}
