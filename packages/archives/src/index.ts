export { readZipDirectory, type ZipDirectory, type ZipDirectoryOptions } from "./read-zip-directory.ts";
export type { LeftOut, RangeOptions, StreamOptions } from "./stream-options.ts";
export { streamZipMembers } from "./stream-zip-members.ts";
