import type { Manifest } from "@shardmill/core";
import type { Records } from "@shardmill/store";
import { type Distribution, NumberTally } from "./distribution.ts";

/**
 * Frames of every sample, from the ledgers of all shards, a line at a time. Null where they do not say: a member of several samples has
 * one line, and an output whose ledgers and manifests differ is read from its tars.
 */
export async function framesByLedger(
  records: Records,
  manifests: readonly Manifest[],
  signal: AbortSignal,
): Promise<Distribution | null> {
  if (manifests.some(({ samples, counts }) => samples !== counts.packed)) return null;
  const tally = new NumberTally();
  for (const { shard } of manifests) {
    for await (const line of records.readLedger(shard, signal))
      if (line.outcome === "packed") tally.add(line.frames ?? 0);
  }
  const sumOf = (figure: (manifest: Manifest) => number): number =>
    manifests.reduce((sum, manifest) => sum + figure(manifest), 0);
  const isWhole =
    tally.count === sumOf(({ samples }) => samples) && tally.sum === sumOf(({ frames }) => frames);
  return isWhole ? tally.distribution("frames", "ledgers") : null;
}
