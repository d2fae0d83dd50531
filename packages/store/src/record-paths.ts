import { type PartId, partLabel, subsetWord } from "@shardmill/core";

/** Where each record of a dataset lies in the store. */
export interface RecordPaths {
  /** OUT/<dataset>: the shards and their index files. */
  readonly dataset: string;
  /** OUT/<dataset>/.shardmill: all records. */
  readonly records: string;
  readonly build: string;
  readonly queue: string;
  /** What has been asked for and has not ended, a file a run. */
  readonly runs: string;
  /** Who asked for what, a file a request. */
  readonly requests: string;
  /** When the build was at work last. */
  readonly lastRun: string;
  /** That a person has paused the build. */
  readonly pause: string;
  /** Parts that a person has paused or cancelled, a file a part. */
  readonly holds: string;
  /** Of a benchmark: the questions whose media nobody fetched. */
  readonly unfetched: string;
  /** What has been withdrawn from the output, and is not made again. */
  readonly withdrawn: string;
  /** What the build of now is known by; a worker that reads another one, or none, has another folder. */
  readonly mark: string;
  readonly lock: string;
  readonly plans: string;
  readonly manifests: string;
  readonly ledgers: string;
  /** Shards that are made and not yet committed, a folder each. */
  readonly drafts: string;
  readonly parts: string;
  readonly annotations: string;
  readonly temporaries: string;
  /** The files of a tokenizer, by their sha256 together. */
  tokenizer(files: string): string;
  /** What is known of the links of a shard that is being made. */
  links(shard: string): string;
  plan(part: PartId): string;
  plannedMembers(part: PartId, range: number): string;
  /** What happened to a part's jobs, a line each, for people. */
  partLog(label: string): string;
  manifest(shard: string): string;
  ledger(shard: string): string;
  /** What the samples of a shard are known again by. */
  prints(shard: string): string;
  /** The name under which a part's plan has its ledger: members left out before decoding. */
  planLedgerName(part: PartId): string;
  partEnd(part: PartId): string;
  annotationsRecord(subset: string | null): string;
  tar(shard: string): string;
  /** A draft of a shard; each has an id of its own. */
  draft(shard: string, id: string): string;
  energonIndex(shard: string): string;
  /** Below a folder of their own: `*.idx` beside the tars is Energon's. */
  daliIndex(shard: string): string;
  /** Where it lay in outputs of 0.1. */
  daliIndexBefore(shard: string): string;
  /** What the names of all shards of a part begin with. */
  shardPrefix(part: PartId): string;
  /** What the names of its supplements begin with, and of none of its ranges' shards. */
  supplementPrefix(part: PartId): string;
}

/** The files of a draft. */
export const draftFiles = Object.freeze({
  tar: "shard.tar",
  manifest: "manifest.json",
  ledger: "ledger.jsonl",
  energonIndex: "energon.idx",
  daliIndex: "dali.idx",
  /** What stands for the list of all that was withdrawn when it was made. */
  withdrawn: "withdrawn",
});

export function recordPaths(dataset: string): RecordPaths {
  const records = `${dataset}/.shardmill`;
  return Object.freeze({
    dataset,
    records,
    build: `${records}/build.json`,
    queue: `${records}/queue.json`,
    runs: `${records}/runs`,
    requests: `${records}/requests`,
    lastRun: `${records}/last-run.json`,
    pause: `${records}/pause.json`,
    holds: `${records}/holds`,
    unfetched: `${records}/unfetched.json`,
    withdrawn: `${records}/withdrawn.jsonl`,
    mark: `${records}/mark.json`,
    lock: `${records}/lock`,
    plans: `${records}/plans`,
    manifests: `${records}/manifests`,
    ledgers: `${records}/ledger`,
    drafts: `${records}/drafts`,
    parts: `${records}/parts`,
    annotations: `${records}/annotations`,
    temporaries: `${records}/tmp`,
    links: (shard: string) => `${records}/links/${shard}.jsonl`,
    tokenizer: (files: string) => `${records}/tokenizers/${files}.json`,
    plan: (part: PartId) => `${records}/plans/${partLabel(part)}.json`,
    plannedMembers: (part: PartId, range: number) =>
      `${records}/plans/${partLabel(part)}-${String(range).padStart(4, "0")}.jsonl`,
    partLog: (label: string) => `${records}/logs/${label}.jsonl`,
    manifest: (shard: string) => `${records}/manifests/${shard}.json`,
    ledger: (shard: string) => `${records}/ledger/${shard}.jsonl`,
    prints: (shard: string) => `${records}/prints/${shard}.jsonl`,
    planLedgerName: (part: PartId) => `${dataset}-${partLabel(part)}-plan`,
    partEnd: (part: PartId) => `${records}/parts/${partLabel(part)}.json`,
    annotationsRecord: (subset: string | null) => `${records}/annotations/${annotationsWord(subset)}.json`,
    draft: (shard: string, id: string) => `${records}/drafts/${shard}~${id}`,
    tar: (shard: string) => `${dataset}/${shard}.tar`,
    energonIndex: (shard: string) => `${dataset}/${shard}.tar.idx`,
    daliIndex: (shard: string) => `${dataset}/dali/${shard}.idx`,
    daliIndexBefore: (shard: string) => `${dataset}/${shard}.idx`,
    shardPrefix: (part: PartId) => `${dataset}-${partLabel(part)}-`,
    supplementPrefix: (part: PartId) => `${dataset}-${partLabel(part)}-r`,
  });
}

/** A subset may be called all. */
function annotationsWord(subset: string | null): string {
  if (subset === null) return "all";
  const word = subsetWord(subset);
  return word === "all" ? "of-all" : word;
}
