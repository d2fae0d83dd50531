import { type LedgerLine, ledgerLineSchema, type Manifest, type PartId, partLabel } from "@shardmill/core";
import type { LeftOutMember } from "@shardmill/pipeline";
import type { Records } from "@shardmill/store";

/**
 * What listFailures yields for one part, fast enough for a page: of a range's ledger only the lines that are not packed
 * are parsed, about one in fifty. A supplement's lines are all parsed, since each takes the place of an earlier one.
 */
export async function readLeftOut(
  records: Records,
  part: PartId,
  manifests: readonly Manifest[],
): Promise<LeftOutMember[]> {
  const { paths } = records;
  const lines = new Map<number, LedgerLine>();
  const ranges = manifests.filter(({ supplement }) => supplement === null);
  const supplements = manifests
    .filter(({ supplement }) => supplement !== null)
    .sort((a, b) => (a.supplement ?? 0) - (b.supplement ?? 0));
  const names = [paths.planLedgerName(part), ...ranges.map(({ shard }) => shard)];
  for (const read of await Promise.all(names.map((name) => readLines(records, name, true))))
    for (const line of read) lines.set(line.position, line);
  for (const { shard } of supplements)
    for (const line of await readLines(records, shard, false)) lines.set(line.position, line);
  return [...lines.values()]
    .sort((a, b) => a.position - b.position)
    .flatMap(({ position, member, outcome, code, detail, attempt }) =>
      outcome === "packed" || code === null
        ? []
        : [{ part: partLabel(part), member, position, outcome, code, detail: detail ?? "", attempt }],
    );
}

/** Quotes inside a JSON string are escaped, so that these bytes can only be the field itself. */
const packed = '"outcome":"packed"';

async function readLines(records: Records, name: string, skipsPacked: boolean): Promise<LedgerLine[]> {
  const bytes = await records.store.read(records.paths.ledger(name));
  if (bytes === null) return [];
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  return text
    .split("\n")
    .filter((line) => line !== "" && !(skipsPacked && line.includes(packed)))
    .map((line) => ledgerLineSchema.parse(JSON.parse(line)));
}
