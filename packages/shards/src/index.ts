export {
  type CommitDeps,
  type CommitResult,
  commitShard,
  committedManifest,
  type ShardToCommit,
} from "./commit-shard.ts";
export { energonIndex, parseEnergonIndex } from "./energon-index.ts";
export { memberNamePattern, memberNameProblem } from "./member-name.ts";
export { type OpenShard, openShard, type ShardPlace } from "./open-shard.ts";
export { openShardWriter } from "./open-shard-writer.ts";
export type { PathProblem, PathVerdict, VerifyPathOptions } from "./path-verdict.ts";
export { type ReadOptions, readSample, readSamples } from "./read-samples.ts";
export { isFrame, type Sample, type SampleMember } from "./sample.ts";
export { type ListedSample, shardListing } from "./shard-listing.ts";
export type { FinishedShard, ShardWriter, ShardWriterDeps } from "./shard-writer.ts";
export type { LocatedMember, LocatedSample } from "./tar-header-walk.ts";
export { verifyPath } from "./verify-path.ts";
export {
  type ProblemCode,
  type ShardProblem,
  type ShardVerdict,
  type VerifyOptions,
  verifyShard,
} from "./verify-shard.ts";
export { type ContactSheet, writeContactSheet } from "./write-contact-sheet.ts";
export { writeDatasetIndexes } from "./write-dataset-indexes.ts";
