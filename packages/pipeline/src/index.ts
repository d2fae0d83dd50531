export { tryDatabase, writeParquet } from "@shardmill/annotations";
export { closeAnnotationIndexes } from "./annotations/annotation-index.ts";
export { withAsked } from "./books/asked-parts.ts";
export type { MachineLoad } from "./books/estimate-time.ts";
export { estimateWhole, type Tried, type WholeEstimate } from "./books/estimate-whole.ts";
export { type LedgerRow, ledgerRows } from "./books/ledger-rows.ts";
export { LeftOutShelf } from "./books/left-out-shelf.ts";
export { failuresOfPart, type LeftOutMember, listFailures } from "./books/list-failures.ts";
export { manifestsByPart } from "./books/manifests-by-part.ts";
export { type Books, readBooks } from "./books/read-books.ts";
export { type GroupedBy, groupOfSample, readGroups } from "./books/read-groups.ts";
export {
  type BuildStatus,
  type HeldPart,
  heldOf,
  noQueue,
  type PartStatus,
  type QueueView,
  readStatus,
  statusOf,
} from "./books/read-status.ts";
export { type Cut, readCut } from "./books/sample-cut.ts";
export { shardsOfBuild } from "./books/shards-of-build.ts";
export type { Reach } from "./books/spread.ts";
export { StandingBooks } from "./books/standing-books.ts";
export { partsToDo } from "./books/to-do.ts";
export { readUnfetched } from "./books/unfetched.ts";
export type { BuildRequest, FindTokenizer, NewBuild } from "./build/build-request.ts";
export { refuseClashes } from "./build/check-names.ts";
export { composeAgain } from "./build/compose-again.ts";
export { lookInto } from "./build/look-into.ts";
export { OpenBuilds } from "./build/open-builds.ts";
export {
  composeBuild,
  keepParts,
  planBuild,
} from "./build/plan-build.ts";
export { readColumns } from "./build/read-columns.ts";
export { isOfOtherForm, refuseOtherForm } from "./build/refuse-other-form.ts";
export {
  bytesOf,
  type RetryItem,
  type RetrySelection,
  sampleCodesOf,
  selectRetry,
  staleAmong,
} from "./build/select-retry.ts";
export { type Survey, surveySource } from "./build/survey.ts";
export { keepToldTerms, toldTerms } from "./build/told-terms.ts";
export { type BuildContext, openBuild, type Surroundings } from "./context/build-context.ts";
export { type OtherOutput, SeenOutputs } from "./context/seen-outputs.ts";
export { type ShardOfBuild, TokenTexts } from "./context/token-texts.ts";
export { copiesSamples } from "./mill/laid-out.ts";
export { MemberBuffers } from "./mill/member-buffers.ts";
export { millShard } from "./mill/mill-shard.ts";
export { OutputSpace, type SpaceLimits } from "./mill/output-space.ts";
export type { MillTools } from "./mill/pack-shard.ts";
export {
  type PartOrder,
  partOrderSchema,
  shardTaskSchema,
  taskLabel,
} from "./plan/part-order.ts";
export { planPart } from "./plan/plan-part.ts";
export type { PlannedPart } from "./plan/planned-part.ts";
export { preparePart } from "./plan/prepare-part.ts";
export { findRootParts, type RootPartsFound } from "./roots/find-root-parts.ts";
export type { UnreadSubset } from "./roots/media-facts.ts";
export { readProvenance } from "./roots/read-provenance.ts";
export { countUnfetched } from "./seal/count-unfetched.ts";
export { endDetached } from "./seal/end-detached.ts";
export { recordRevisions } from "./seal/record-revisions.ts";
export { listedShards, sealBuild } from "./seal/seal-build.ts";
export { sealPart } from "./seal/seal-part.ts";
export { type DerivedOutput, derivedHolding } from "./withdrawn/derived-outputs.ts";
export { finishLeft } from "./withdrawn/finish-left.ts";
export {
  type AskedAway,
  planWithdrawal,
  type WithdrawalPlan,
} from "./withdrawn/plan-withdrawal.ts";
export { rewriteShard } from "./withdrawn/rewrite-shard.ts";
export { shardsHolding, withdraw } from "./withdrawn/withdraw.ts";
