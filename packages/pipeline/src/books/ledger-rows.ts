import { type LedgerLine, type PartId, partLabel } from "@shardmill/core";
import type { Records } from "@shardmill/store";
import { manifestsOfParts } from "./manifests-by-part.ts";
import { readLines } from "./part-lines.ts";

/** A ledger line with its place, as `export ledger` writes it. */
export interface LedgerRow extends Omit<LedgerLine, "group"> {
  readonly dataset: string;
  readonly part: string;
  readonly group: string | null;
}

/** The fate of every member of the given parts (all that are planned, for null), in archive order; the latest record counts. */
export async function* ledgerRows(
  records: Records,
  parts: readonly PartId[] | null,
  signal: AbortSignal,
): AsyncGenerator<LedgerRow> {
  const manifestsOf = await manifestsOfParts(records, parts);
  for (const part of parts ?? (await records.listPlans())) {
    const lines = await readLines(records, { part, manifests: await manifestsOf(part) }, signal);
    for (const line of [...lines.values()].sort((a, b) => a.position - b.position))
      yield { dataset: records.dataset, part: partLabel(part), ...line, group: line.group ?? null };
  }
}
