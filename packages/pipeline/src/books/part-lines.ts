import type { LedgerLine, Manifest, PartId } from "@shardmill/core";
import type { Records } from "@shardmill/store";

/**
 * The fate of every member of a part, by position: what the plan left out, then the ranges' ledgers, then the
 * supplements in their order. The latest record of a member counts. `beforeSupplement` asks how things stood before.
 */
export async function readPartLines(
  records: Records,
  part: PartId,
  signal: AbortSignal,
  beforeSupplement = Number.POSITIVE_INFINITY,
): Promise<Map<number, LedgerLine>> {
  const manifests = (await records.listManifests(part)).filter(
    ({ supplement }) => (supplement ?? 0) < beforeSupplement,
  );
  return readLines(records, { part, manifests }, signal);
}

/** The same from manifests that have been read. */
export async function readLines(
  records: Records,
  { part, manifests }: { readonly part: PartId; readonly manifests: readonly Manifest[] },
  signal: AbortSignal,
): Promise<Map<number, LedgerLine>> {
  const lines = new Map<number, LedgerLine>();
  for await (const line of records.readPlanLedger(part, signal)) lines.set(line.position, line);
  for (const { shard } of inOrderOfMaking(manifests))
    for await (const line of records.readLedger(shard, signal)) lines.set(line.position, line);
  return lines;
}

/** Ranges by number, then supplements by number. */
export function inOrderOfMaking(manifests: readonly Manifest[]): Manifest[] {
  const rank = (m: Manifest): number =>
    m.supplement === null ? (m.range ?? 0) : 1_000_000_000 + m.supplement;
  return manifests.toSorted((a, b) => rank(a) - rank(b));
}
