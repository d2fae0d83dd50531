import type { Code, LedgerLine, PartId } from "@shardmill/core";
import type { BuildContext } from "./context.ts";
import { readPartLines } from "./part-lines.ts";

/** The lines of a part whose members failed with one of the codes, in archive order. */
export async function failedLines(
  { records }: Pick<BuildContext, "records">,
  part: PartId,
  codes: readonly Code[],
  signal: AbortSignal,
): Promise<LedgerLine[]> {
  const lines = [...(await readPartLines(records, part, signal)).values()];
  return lines
    .filter((line) => line.outcome === "failed" && line.code !== null && codes.includes(line.code))
    .sort((a, b) => a.position - b.position);
}
