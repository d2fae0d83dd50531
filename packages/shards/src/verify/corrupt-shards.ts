import type { Records } from "@shardmill/store";
import { verifyDataset } from "./verify-dataset.ts";

/** Shards of these parts (all, for null) whose bytes are not those that their manifests describe, by name. Every one is read. */
export async function corruptShards(
  records: Records,
  only: ReadonlySet<string> | null,
  signal: AbortSignal,
): Promise<string[]> {
  const options = { deep: false, ...(only === null ? {} : { only }) };
  const { problems } = await verifyDataset(records, options, signal);
  const shards = problems.flatMap(({ shard, code }) =>
    shard !== null && code !== "leftover" ? [shard] : [],
  );
  return [...new Set(shards)].sort();
}
