export * from "./books.ts";

export * from "./byte-source.ts";
export * from "./canonical-json.ts";

export * from "./codes.ts";
export { type Conditions, conditionsOf } from "./conditions.ts";
export * from "./dataset.ts";
export {
  type FurtherSource,
  furtherSources,
  pathInPlace,
  placePrefix,
  type RecordedPlace,
} from "./dataset-sources.ts";
export * from "./exact-json.ts";
export { expectedMembers } from "./expected-members.ts";
export * from "./failure.ts";
export { groupOfLine, memberGroup } from "./group.ts";
export { jsonOrNull } from "./json-or-null.ts";
export { type Layout, layoutOf } from "./layout.ts";
export * from "./media.ts";
export { isAppleDouble, isNamedAs, mediaFileOf } from "./media-files.ts";
export * from "./media-name.ts";
export * from "./member.ts";
export { memberIdentity } from "./member-identity.ts";
export * from "./messages.ts";
export * from "./mix-entry.ts";
export * from "./name-form.ts";
export * from "./names.ts";
export * from "./natural-order.ts";
export { keptOf } from "./only.ts";
export { noPace, type Pace, paceWith, timeLeft, type WorkLeft } from "./pace.ts";
export * from "./part.ts";
export * from "./part-selection.ts";
export { nameHint, namePattern, numbersProblem, shownSubset, subsetText } from "./part-words.ts";
export * from "./ports.ts";
export * from "./presets.ts";
export * from "./readable-records.ts";
export * from "./recipe.ts";
export { columnOf, keyAt, pathProblem, valueAt } from "./record-path.ts";
export * from "./records.ts";
export * from "./remarks.ts";
export * from "./run-picks.ts";
export { type Release, Semaphore } from "./semaphore.ts";
export type { MemberPace, Sums } from "./shard-made.ts";
export { type ShardProgress, shardProgressSchema } from "./shard-progress.ts";
export { escapeMarkdown, fenced, plainLine, plainLines } from "./source-text.ts";
export { type SplitEntry, splitEntrySchema } from "./split-entry.ts";
export * from "./states.ts";
export { tableFormatOf } from "./table-files.ts";
export {
  blockBytes,
  paddingBytes,
  parseTarHeader,
  type TarHeader,
  zeroBlockBytes,
} from "./tar-header.ts";
export { tellingText } from "./telling-text.ts";
export * from "./text.ts";
export * from "./unless-aborted.ts";
export { ruledOut, type WhereFields, type WhereType, type WhereValues, whereProblem } from "./where.ts";
export {
  isSameMember,
  type MetMember,
  Withdrawals,
  type WithdrawnLine,
  withdrawnLineSchema,
  withinOf,
} from "./withdrawn.ts";
export { workLeft } from "./work-left.ts";
