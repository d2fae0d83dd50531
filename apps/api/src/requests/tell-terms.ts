import { conditionsOf, type Dataset, systemClock } from "@shardmill/core";
import { keepToldTerms, toldTerms } from "@shardmill/pipeline";
import type { Records } from "@shardmill/store";

/**
 * The conditions of an output that a request builds, as a remark of its answer: told once, and recorded with whether the request accepts
 * them. Nothing where they were accepted before, or where there are none.
 */
export async function tellTerms(records: Records, dataset: Dataset, accepts: boolean): Promise<string[]> {
  const conditions = conditionsOf(dataset);
  if (conditions === null) return [];
  const told = await toldTerms(records, conditions);
  if (told !== null && (told.accepted !== null || !accepts)) return [];
  await keepToldTerms(records, conditions, { accepted: accepts ? "option" : null, nowMs: systemClock.now() });
  const { license, lines } = conditions;
  return [`${dataset.name} has conditions: ${license}; ${lines.join("; ")}${accepts ? " (accepted)" : ""}`];
}
