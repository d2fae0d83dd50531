export { openCache } from "./cache/open-cache.ts";
export { type FetchedUrl, type FetchUrlSettings, fetchUrl } from "./links/fetch-url.ts";
export { concatenate } from "./places/concatenate.ts";
export { settledStamp } from "./places/file-stamp.ts";
export { openSource } from "./places/open-source.ts";
export type { SourceDeps, SourceIncident, SourceSpec } from "./places/source-spec.ts";
export { type Bandwidth, limitBandwidth } from "./wire/limit-bandwidth.ts";
