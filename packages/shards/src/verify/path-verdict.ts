import type { ShardProblem } from "./verify-shard.ts";

export interface PathProblem extends ShardProblem {
  /** Null for what concerns a part or the whole dataset. */
  readonly shard: string | null;
  /** The part's label, or null where it is not known. */
  readonly part: string | null;
}

export interface PathVerdict {
  readonly ok: boolean;
  readonly shards: number;
  readonly samples: number;
  readonly problems: readonly PathProblem[];
}

export interface VerifyPathOptions {
  readonly deep: boolean;
  /** Shards and books of these parts, by label; all without. */
  readonly only?: ReadonlySet<string>;
  /** After each shard, for progress. */
  readonly onShard?: (shard: string, done: number, total: number) => void;
}

/** Notes a shard's keys, and says which of them another shard has already. */
export function doubleKeys(
  seen: Map<string, string>,
  shard: string,
  keys: ReadonlySet<string>,
): ShardProblem[] {
  const problems: ShardProblem[] = [];
  for (const key of keys) {
    const other = seen.get(key);
    if (other === undefined) seen.set(key, shard);
    else problems.push({ code: "double_key", detail: `${key} is in ${other}, too` });
  }
  return problems.slice(0, 20);
}
