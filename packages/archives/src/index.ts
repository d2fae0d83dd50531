export { groupBeside } from "./members/group-beside.ts";
export { groupFrameFolders } from "./members/group-frame-folders.ts";
export { nameProblem } from "./members/name-problem.ts";
export {
  type BesideFile,
  groupKey,
  isNamedAsRecord,
  maxBesideBytes,
  recordBeside,
} from "./members/record-beside.ts";
export { archiveHeadBytes, contentName, sniffTar } from "./members/sniff-archive.ts";
export { isMediaContent } from "./members/sniff-media.ts";

export {
  type ParquetLayout,
  readParquetLayout,
} from "./parquet/read-parquet-layout.ts";
export { streamParquetRows } from "./parquet/stream-parquet-rows.ts";
export { indexTar } from "./tar/index-tar.ts";
export { streamTarEntries } from "./tar/stream-tar-entries.ts";
export { streamTarMembers } from "./tar/stream-tar-members.ts";
export { readZipDirectory } from "./zip/read-zip-directory.ts";
export { streamZipMembers } from "./zip/stream-zip-members.ts";
