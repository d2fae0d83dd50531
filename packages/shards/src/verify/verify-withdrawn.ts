import type { Manifest, Withdrawals } from "@shardmill/core";
import type { Records } from "@shardmill/store";
import type { ShardProblem } from "./verify-shard.ts";

/** What must not be in an output, and whose lists say so: its own, and those of the outputs that it is made from. */
export interface WithdrawnFrom {
  readonly withdrawals: Withdrawals;
  readonly outputs: readonly string[];
}

interface WithdrawnCheck extends WithdrawnFrom {
  readonly records: Records;
  readonly manifest: Manifest;
  /** Of the samples in its tar; null where there is none. */
  readonly keys: ReadonlySet<string> | null;
  readonly signal: AbortSignal;
}

/** What is withdrawn must be told so by its shard's records, or it would still be in the lists. */
export async function verifyWithdrawn(check: WithdrawnCheck): Promise<ShardProblem[]> {
  const { records, manifest, keys, withdrawals, outputs, signal } = check;
  if (withdrawals.isEmpty) return [];
  const told = new Set(manifest.withdrawn?.map(({ key }) => key));
  const untold = new Set([...(keys ?? [])].filter((key) => withdrawals.hasKey(key) && !told.has(key)));
  // Of a member that a supplement tried again the first shard tells as it was.
  for await (const { member: name, key, group, outcome } of records.readLedger(manifest.shard, signal)) {
    const met = { name, part: manifest, key, group };
    if (outcome === "packed" && key !== null && !told.has(key) && withdrawals.whole(met) !== null)
      untold.add(key);
  }
  const [first] = untold;
  if (first === undefined) return [];
  const detail = `${untold.size} of its samples are withdrawn from ${outputs.join(" or ")}, such as ${first}, and its records do not say so; withdraw with the path alone, or the next build, does it`;
  return [{ code: "withdrawn", detail }];
}
