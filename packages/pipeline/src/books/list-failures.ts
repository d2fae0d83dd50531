import { type Code, type LedgerLine, type Manifest, type PartId, partLabel } from "@shardmill/core";
import type { Records } from "@shardmill/store";
import { LeftOutShelf } from "./left-out-shelf.ts";
import { manifestsOfParts } from "./manifests-by-part.ts";

/** A member that is not in a shard, and why. */
export interface LeftOutMember {
  readonly part: string;
  readonly member: string;
  readonly position: number;
  readonly outcome: "failed" | "skipped";
  readonly code: Code;
  readonly detail: string;
  readonly attempt: number;
}

/** Every sample left out of the given parts (all that are planned, for null), in archive order; the latest record counts. */
export async function* listFailures(
  records: Records,
  parts: readonly PartId[] | null,
  signal: AbortSignal,
): AsyncGenerator<LeftOutMember> {
  // Every ledger is read once: nothing has to be kept.
  const shelf = new LeftOutShelf(records, { mostLines: 0 });
  const manifestsOf = await manifestsOfParts(records, parts);
  for (const part of parts ?? (await records.listPlans()))
    yield* await failuresOfPart(shelf, part, signal, await manifestsOf(part));
}

/** Those of one part, from a shelf that may have its ledgers already. */
export async function failuresOfPart(
  shelf: LeftOutShelf,
  part: PartId,
  signal: AbortSignal,
  manifests: readonly Manifest[],
): Promise<LeftOutMember[]> {
  const lines = await shelf.of(part, signal, manifests);
  return lines.flatMap((line) => leftOutMember(line, part) ?? []);
}

function leftOutMember(line: LedgerLine, part: PartId): LeftOutMember | null {
  const { position, member, outcome, code, attempt } = line;
  if (outcome === "packed" || code === null) return null;
  return { part: partLabel(part), member, position, outcome, code, detail: line.detail ?? "", attempt };
}
