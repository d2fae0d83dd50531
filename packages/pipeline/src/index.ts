export { tryDatabase, writeParquet } from "@shardmill/annotations";
export { annotationIndexOf, closeAnnotationIndexes } from "./annotation-index.ts";
export { withAsked } from "./asked-parts.ts";
export type { BuildRequest, NewBuild } from "./build-request.ts";
export { refuseClashes, withoutClashing } from "./check-names.ts";
export { composeAgain } from "./compose-again.ts";
export { type BuildContext, openBuild, openSourceOf, type Surroundings } from "./context.ts";
export { findRootParts, type RootPartsFound } from "./find-root-parts.ts";
export { type LedgerRow, ledgerRows } from "./ledger-rows.ts";
export { LeftOutShelf } from "./left-out-shelf.ts";
export { failuresOfPart, type LeftOutMember, listFailures } from "./list-failures.ts";
export type { UnreadSubset } from "./media-facts.ts";
export { millShard } from "./mill-shard.ts";
export { OpenBuilds } from "./open-builds.ts";
export { OutputRoom, type RoomLimits } from "./output-room.ts";
export type { MillTools, ShardEnd } from "./pack-shard.ts";
export { type PartOrder, partOrderSchema, type ShardTask, shardTaskSchema, taskLabel } from "./part-order.ts";
export { type ComposedBuild, composeBuild, planBuild, type Survey, surveySource } from "./plan-build.ts";
export { planPart } from "./plan-part.ts";
export type { PlannedPart } from "./planned-part.ts";
export { preparePart } from "./prepare-part.ts";
export { readColumns } from "./read-columns.ts";
export { readProvenance } from "./read-provenance.ts";
export {
  type Books,
  type BuildStatus,
  noQueue,
  type PartStatus,
  type QueueView,
  readBooks,
  readStatus,
  statusOf,
} from "./read-status.ts";
export { sealBuild } from "./seal-build.ts";
export { type Ending, sealPart } from "./seal-part.ts";
export {
  type RetryItem,
  type RetrySelection,
  sampleCodesOf,
  selectRetry,
  staleAmong,
} from "./select-retry.ts";
export type { ShardProgress } from "./shard-order.ts";
