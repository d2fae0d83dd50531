export { type OpenShard, openShard, type ShardPlace } from "./look/open-shard.ts";
export { type ReadOptions, readSample, readSamples } from "./look/read-samples.ts";
export { isFrame, type Sample, type SampleMember } from "./look/sample.ts";
export { type ListedSample, shardListing } from "./look/shard-listing.ts";
export type { LocatedMember, LocatedSample } from "./look/tar-header-walk.ts";
export { type ContactSheet, writeContactSheet } from "./look/write-contact-sheet.ts";
export type { PathProblem, PathVerdict, VerifyPathOptions } from "./verify/path-verdict.ts";
export { verifyPath } from "./verify/verify-path.ts";
export {
  type ProblemCode,
  type ShardProblem,
  type ShardVerdict,
  type VerifyOptions,
  verifyShard,
} from "./verify/verify-shard.ts";
export {
  type CommitDeps,
  type CommitResult,
  commitShard,
  committedManifest,
  type ShardToCommit,
} from "./write/commit-shard.ts";
export { energonIndex, parseEnergonIndex } from "./write/energon-index.ts";
export { memberNamePattern, memberNameProblem } from "./write/member-name.ts";
export { openShardWriter } from "./write/open-shard-writer.ts";
export type { FinishedShard, ShardWriter, ShardWriterDeps } from "./write/shard-writer.ts";
export { writeDatasetIndexes } from "./write/write-dataset-indexes.ts";
