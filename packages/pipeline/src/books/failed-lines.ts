import type { Code, LedgerLine, PartId } from "@shardmill/core";
import type { BuildContext } from "../context/build-context.ts";
import { LeftOutShelf } from "./left-out-shelf.ts";

/** The lines of a part whose members failed with one of the codes, in archive order. */
export async function failedLines(
  { records }: Pick<BuildContext, "records">,
  part: PartId,
  codes: readonly Code[],
  signal: AbortSignal,
): Promise<LedgerLine[]> {
  const lines = await new LeftOutShelf(records).of(part, signal);
  return lines.filter((line) => line.outcome === "failed" && line.code !== null && codes.includes(line.code));
}
