import { join, resolve } from "node:path";
import { verifyPath } from "@shardmill/shards";
import type { CommandContext } from "../context/command-context.ts";

/** Shards of a dataset whose bytes are not those that their manifests describe. */
export async function findCorruptShards(
  { signal }: CommandContext,
  out: string,
  dataset: string,
): Promise<string[]> {
  const verdict = await verifyPath(join(resolve(out), dataset), { deep: false }, signal);
  const shards = new Set(
    verdict.problems.flatMap(({ shard, code }) => (shard !== null && code !== "leftover" ? [shard] : [])),
  );
  return [...shards].sort();
}
