export { concatenate } from "./concatenate.ts";
export { type Bandwidth, limitBandwidth } from "./limit-bandwidth.ts";
export { openSource } from "./open-source.ts";
export type { IncidentKind, SourceDeps, SourceIncident, SourceSpec } from "./source-spec.ts";
