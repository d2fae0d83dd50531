export { acquireBuildLock, type BuildLock, readBuildOwner } from "./acquire-build-lock.ts";
export { tryBucket } from "./bucket/try-bucket.ts";
export { type FileOperation, faultyFileSystem, systemError } from "./faulty-file-system.ts";
export type { FileFacts, FileSystem } from "./file-system.ts";
export { localFileSystem } from "./file-system.ts";
export { openRecords } from "./open-records.ts";
export { openStore } from "./open-store.ts";
export { outputFailure, systemCode } from "./output-failure.ts";
export { type OutputMark, readOutputMark, writeOutputMark } from "./output-mark.ts";
export { markState, markText, processes, thisProcess } from "./process-mark.ts";
export { closing, readChunks } from "./read-chunks.ts";
export { fillWithLines, putLines, readRecord, recordText } from "./record-file.ts";
export { recordPaths } from "./record-paths.ts";
export type { QueueAddress, Records } from "./records.ts";
export type { ReadableFile, Store, TempFile } from "./store.ts";

export { sweepTemporaries } from "./sweep-temporaries.ts";
export { makeSyncedFolder, syncFolder } from "./synced-folder.ts";
export { parseTemporaryName, temporaryName } from "./temporary-name.ts";
