export type { CopiedFile } from "./copy/copied-files.ts";
export { type CopyResult, copyOutput } from "./copy/copy-output.ts";
export { framesOf, layoutSeen, locatedFrames } from "./look/frames-of.ts";
export { type OpenShard, openShard } from "./look/open-shard.ts";
export { readSample, readSamples } from "./look/read-samples.ts";
export { isFrame, type Sample, type SampleMember } from "./look/sample.ts";
export { readSampleJson, type SampleJson, tokensOfJson, tokensOfSample } from "./look/sample-json.ts";
export { shardListing } from "./look/shard-listing.ts";
export type { LocatedSample } from "./look/tar-header-walk.ts";

export { writeContactSheet } from "./look/write-contact-sheet.ts";
export {
  differenceHash,
  type FramePrint,
  flatFrame,
  printOfJpeg,
  unreadableFrame,
} from "./prints/difference-hash.ts";
export { printsOfShard } from "./prints/prints-of-shard.ts";
export type { PrintOf, SamplePrints } from "./prints/sample-prints.ts";
export { corruptShards } from "./verify/corrupt-shards.ts";
export type { PathVerdict } from "./verify/path-verdict.ts";
export { verifyPath } from "./verify/verify-path.ts";

export { type CommitResult, commitDraft, standingManifest } from "./write/commit-shard.ts";
export { withoutSamples } from "./write/dali-index.ts";
export { licenseTag, readingLines, withdrawnWords } from "./write/dataset-readme.ts";
export { layOut } from "./write/lay-out.ts";
export { openShardWriter } from "./write/open-shard-writer.ts";
export { sampleForm } from "./write/sample-form.ts";
export type { PublishedAs, ShardWriter } from "./write/shard-writer.ts";
export { datasetIndexes, writeDatasetIndexes } from "./write/write-dataset-indexes.ts";
