export { addSums, noSums, type OutputFacts, type Sums } from "./facts/output-facts.ts";
export { tryOutputFacts } from "./facts/read-output-facts.ts";
export { type MadeMix, type MixPlaces, makeMix } from "./make-mix.ts";
export { compareSets, type Overlap } from "./overlap/compare-sets.ts";
export type { RelatedPair } from "./overlap/compared-set.ts";
export { NearestPairs, type NearPair } from "./overlap/nearest-pairs.ts";
export { overlapOfOutputs } from "./overlap/overlap-of-outputs.ts";
export { type PrintsProgress, printedSet } from "./overlap/printed-set.ts";
export { overlapFolder, overlapRecord, PairsFile, writeOverlapRecord } from "./overlap/publish-overlap.ts";
export type { OverlapCounts } from "./overlap/tally.ts";
export { leftOutByReason, leftOutSubsets } from "./plan/left-out-by-reason.ts";
export type { MixPlan, MixProblem, PlannedSet } from "./plan/mix-plan.ts";
export { mixRecord } from "./publish/mix-record.ts";
export {
  decontaminationOf,
  mixesWith,
  publishedBefore,
  publishedMix,
  publishMix,
} from "./publish/publish-mix.ts";
export { planSplit, type SplitPlan } from "./split/plan-split.ts";
export { splitChanges } from "./split/split-changes.ts";
export { readSplit } from "./split/split-record.ts";
export { removeSplitOutput, tokenizersOf, writeSplitOutput } from "./split/write-split.ts";
export { commercialCost, jointTerms, rowName } from "./terms/joint-terms.ts";
export { outputTerms, type TermsRow } from "./terms/output-terms.ts";
