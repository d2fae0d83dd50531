import type { Records } from "@shardmill/store";
import { keyPosition } from "../facts/output-facts.ts";

/** The keys of a shard that have one position, in order of positions. */
export interface KeysAtPosition {
  readonly position: number;
  readonly keys: readonly string[];
}

/**
 * The first key of each packed member, from the shard's ledger: line by line, so that a shard of any size takes the memory of one
 * member. Several members have one position where each is a sample of its own already.
 */
export async function* ledgerKeys(
  records: Records,
  { shard, begin }: { readonly shard: string; readonly begin: string },
  signal: AbortSignal,
): AsyncGenerator<KeysAtPosition> {
  let open: { readonly position: number; readonly keys: string[] } | undefined;
  for await (const { key } of records.readLedger(shard, signal)) {
    const position = key === null ? null : keyPosition(key, begin);
    if (key === null || position === null) continue;
    if (open !== undefined && open.position === position) {
      open.keys.push(key);
      continue;
    }
    if (open !== undefined) yield open;
    open = { position, keys: [key] };
  }
  if (open !== undefined) yield open;
}
