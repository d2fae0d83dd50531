export {
  type CommitDeps,
  type CommitResult,
  commitShard,
  committedManifest,
  type ShardToCommit,
} from "./commit-shard.ts";
export { energonIndex, parseEnergonIndex } from "./energon-index.ts";
export { memberNamePattern, memberNameProblem } from "./member-name.ts";
export { openShardWriter } from "./open-shard-writer.ts";
export { isFrame, type Sample, type SampleMember } from "./sample.ts";
export type { FinishedShard, ShardWriter, ShardWriterDeps } from "./shard-writer.ts";
export {
  type ProblemCode,
  type ShardProblem,
  type ShardVerdict,
  type VerifyOptions,
  verifyShard,
} from "./verify-shard.ts";
