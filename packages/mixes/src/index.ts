export { noSums, type Sums } from "./facts/output-facts.ts";
export { type MadeMix, type MixPlaces, makeMix } from "./make-mix.ts";
export type { MixPlan, MixProblem } from "./plan/mix-plan.ts";
export { mixRecord } from "./publish/mix-record.ts";
export { publishedBefore, publishMix } from "./publish/publish-mix.ts";
export { commercialCost, jointTerms, rowName } from "./terms/joint-terms.ts";
export type { TermsRow } from "./terms/output-terms.ts";
