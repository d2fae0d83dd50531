export type { CacheSettings } from "./cache-room.ts";
export { concatenate } from "./concatenate.ts";
export { type FetchedUrl, type FetchUrlSettings, fetchUrl } from "./fetch-url.ts";
export { settledStamp } from "./file-stamp.ts";
export { type Bandwidth, limitBandwidth } from "./limit-bandwidth.ts";
export { openCache } from "./open-cache.ts";
export { openSource } from "./open-source.ts";
export type { IncidentKind, SourceDeps, SourceIncident, SourceSpec } from "./source-spec.ts";
