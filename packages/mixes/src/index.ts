export { addSums, noSums, type OutputFacts, type Sums } from "./facts/output-facts.ts";
export { tryOutputFacts } from "./facts/read-output-facts.ts";
export { type MadeMix, type MixPlaces, makeMix } from "./make-mix.ts";
export type { MixPlan, MixProblem, PlannedSet } from "./plan/mix-plan.ts";
export { mixRecord } from "./publish/mix-record.ts";
export { publishedBefore, publishMix } from "./publish/publish-mix.ts";
export { commercialCost, jointTerms, rowName } from "./terms/joint-terms.ts";
export { outputTerms, type TermsRow } from "./terms/output-terms.ts";
