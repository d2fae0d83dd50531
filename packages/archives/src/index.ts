export { type FrameFolderOptions, groupFrameFolders } from "./members/group-frame-folders.ts";
export { archiveHeadBytes, contentName, sniffTar } from "./members/sniff-archive.ts";
export { isMediaContent } from "./members/sniff-media.ts";
export type { LeftOut, RangeOptions, StreamOptions } from "./members/stream-options.ts";
export {
  type ParquetLayout,
  type ParquetRowGroup,
  readParquetLayout,
} from "./parquet/read-parquet-layout.ts";
export { type ParquetStreamOptions, streamParquetRows } from "./parquet/stream-parquet-rows.ts";
export { indexTar, type TarIndex } from "./tar/index-tar.ts";
export { streamTarEntries } from "./tar/stream-tar-entries.ts";
export { streamTarMembers, type TarStreamOptions } from "./tar/stream-tar-members.ts";
export { readZipDirectory, type ZipDirectory, type ZipDirectoryOptions } from "./zip/read-zip-directory.ts";
export { streamZipMembers } from "./zip/stream-zip-members.ts";
