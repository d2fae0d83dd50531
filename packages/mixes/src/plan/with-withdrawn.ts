import type { ShardFacts } from "../facts/output-facts.ts";
import type { ExcludedKey, PlannedSet } from "./mix-plan.ts";

/** What is left out by the mix, and what is withdrawn from the outputs, each once. */
export function withWithdrawn(asked: readonly ExcludedKey[], shards: readonly ShardFacts[]): ExcludedKey[] {
  const known = new Set(asked.map(({ key }) => key));
  const withdrawn = shards.flatMap(({ shard, withdrawn: own }) =>
    own
      .filter(({ key }) => !known.has(key))
      .map(({ durationMs, ...sample }) => ({
        ...sample,
        shard,
        reason: "withdrawn",
        durationMs: durationMs ?? 0,
      })),
  );
  return [...asked, ...withdrawn];
}

/** Why a set has fewer samples than its tars. */
export function withdrawnNote({ facts: { name }, shards }: Pick<PlannedSet, "facts" | "shards">): string[] {
  const count = shards.reduce((sum, { withdrawn }) => sum + withdrawn.length, 0);
  if (count === 0) return [];
  const are = count === 1 ? "1 sample is" : `${count} samples are`;
  return [`${name}: ${are} withdrawn and left out; its tars hold them until withdraw --rewrite`];
}
