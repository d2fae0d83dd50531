import { type Code, Failure, isCode, type LedgerLine, type Manifest, type PartPlan } from "@shardmill/core";
import type { BuildContext } from "../context/build-context.ts";
import { collect } from "../plan/collect.ts";
import type { Milling } from "./pack-shard.ts";

/**
 * Members that a supplement took over from a range which is being made again: they had failed, and must not be packed a
 * second time. Where the range's ledger is lost, which code each of them had is gone; how many had which is in the manifests.
 */
export async function supersededLines(
  { context, plan, signal }: Pick<Milling, "context" | "plan" | "signal">,
  range: PartPlan["ranges"][number],
  manifest: Manifest | null,
): Promise<LedgerLine[]> {
  const supplements = await supplementsOf(context, plan);
  if (supplements.length === 0) return [];
  const before = new Map(
    (await linesOf(context, range.shard, signal)).map((line) => [line.position, line] as const),
  );
  const found = new Map<number, LedgerLine>();
  for (const supplement of supplements) {
    const codes = codesOf(supplement, manifest);
    for (const line of await linesOf(context, supplement.shard, signal)) {
      const { position } = line;
      if (position < range.first || position > range.last || found.has(position)) continue;
      const known = before.get(position);
      const code = codes.shift() ?? "decoder_crash";
      found.set(position, known?.outcome === "failed" ? known : lostLine(line, code, supplement));
    }
  }
  return [...found.values()].sort((a, b) => a.position - b.position);
}

function lostLine({ position, member }: LedgerLine, code: Code, { shard }: Manifest): LedgerLine {
  const detail = `the record of the first attempt was lost; ${shard} tells of the next`;
  return { position, member, outcome: "failed", key: null, code, detail, attempt: 1, frames: null };
}

async function supplementsOf({ records }: BuildContext, plan: PartPlan): Promise<Manifest[]> {
  const supplements = await records.listSupplements(plan);
  return supplements.sort((a, b) => (a.supplement ?? 0) - (b.supplement ?? 0));
}

/** One that is damaged itself tells nothing; it is made again after the ranges, of what they leave it. */
async function linesOf(
  { records }: BuildContext,
  shard: string,
  signal: AbortSignal,
): Promise<readonly LedgerLine[]> {
  try {
    return await collect(records.readLedger(shard, signal));
  } catch (error) {
    if (error instanceof Failure && error.code === "record_invalid") return [];
    throw error;
  }
}

/** The codes that the supplement was made for, as often as the range had them where that is known. */
function codesOf(supplement: Manifest, manifest: Manifest | null): Code[] {
  const superseded = supplement.supersedes?.byCode ?? {};
  return Object.keys(superseded)
    .sort()
    .flatMap((code) => {
      const times = manifest?.counts.byCode[code] ?? superseded[code] ?? 0;
      return isCode(code) ? Array.from({ length: times }, () => code) : [];
    });
}
