export { indexTar, type TarIndex } from "./index-tar.ts";
export { type ParquetLayout, type ParquetRowGroup, readParquetLayout } from "./read-parquet-layout.ts";
export { readZipDirectory, type ZipDirectory, type ZipDirectoryOptions } from "./read-zip-directory.ts";
export type { LeftOut, RangeOptions, StreamOptions } from "./stream-options.ts";
export { type ParquetStreamOptions, streamParquetRows } from "./stream-parquet-rows.ts";
export { streamTarEntries } from "./stream-tar-entries.ts";
export { streamTarMembers, type TarStreamOptions } from "./stream-tar-members.ts";
export { streamZipMembers } from "./stream-zip-members.ts";
