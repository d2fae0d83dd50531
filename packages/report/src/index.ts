export {
  type ReportedMix,
  type ReportInput,
  unfinishedLines,
} from "./document/report-input.ts";
export { readSet } from "./facts/read-set.ts";
export type { SetFacts } from "./facts/set-facts.ts";
export { datasetCard } from "./hub/dataset-card.ts";
export { lookAtFolder, writeReport } from "./write-report.ts";
