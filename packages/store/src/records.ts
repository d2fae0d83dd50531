import type {
  AnnotationsRecord,
  BuildRecord,
  LedgerLine,
  Manifest,
  PartEnd,
  PartId,
  PartPlan,
  PlannedMember,
  WithdrawnLine,
} from "@shardmill/core";
import type { RecordRead } from "./record-file.ts";
import type { RecordPaths } from "./record-paths.ts";
import type { Store } from "./store.ts";

/** A shard that is made and not committed yet. */
export interface Draft {
  /** That it would be committed by. */
  readonly manifest: Manifest;
  /** What stands for the list of all that was withdrawn when it was made. */
  readonly withdrawn: string;
}

export type Lines<T> = Iterable<T> | AsyncIterable<T>;

/** Where a running build's queue can be reached: whoever begins a build leaves it here, so that others can join. */
export interface QueueAddress {
  readonly url: string;
  readonly build: string;
  /** Of a command, which ends with its build, or of a service, which carries on what it is handed. */
  readonly owner: "command" | "service";
  /** Ends with its owner: where that is dead, nothing answers there any more, or somebody else does. */
  readonly isPrivate: boolean;
}

/**
 * The records of one dataset, read through core's schemas. What is not there is null or empty;
 * what is there and damaged is a Failure `record_invalid` that names the file, except for manifests:
 * a damaged manifest commits nothing, so its shard is simply made again.
 */
export interface Records {
  readonly store: Store;
  readonly dataset: string;
  readonly paths: RecordPaths;
  /** Opened for a look, such as a dry run: what is found out on the way is not kept beside the records either. */
  readonly isLook: boolean;

  readBuild(): Promise<BuildRecord | null>;
  writeBuild(build: BuildRecord): Promise<void>;

  readPlan(part: PartId): Promise<PartPlan | null>;
  /** As it was read last through these records, without a look; null where it was not. */
  knownPlan(part: PartId): PartPlan | null;
  forgetPlan(part: PartId): void;
  /** In order of their files' names. */
  listPlans(): Promise<PartPlan[]>;
  /** Every plan file, damaged ones too. */
  readPlans(): Promise<{ readonly path: string; readonly read: RecordRead<PartPlan> }[]>;
  /** The n-th array holds the members of range n. The plan's own file comes last and makes the plan valid. */
  writePlan(plan: PartPlan, membersByRange: Lines<readonly PlannedMember[]>): Promise<void>;
  /** One range of an open plan: its members first, then the plan that now names it. */
  appendRange(plan: PartPlan, range: number, members: readonly PlannedMember[]): Promise<void>;
  readPlannedMembers(part: PartId, range: number, signal: AbortSignal): AsyncIterable<PlannedMember>;
  removePlan(part: PartId): Promise<void>;

  readManifest(shard: string): Promise<RecordRead<Manifest>>;
  /** By name, without damaged ones. */
  listManifests(part?: PartId): Promise<Manifest[]>;
  /** The part's supplements, by name, without damaged ones. Those of its ranges are not read: there may be ten thousand. */
  listSupplements(part: PartId): Promise<Manifest[]>;
  /**
   * As listManifests of all parts, but only names are looked at, and files that were not read before: for sums that are
   * made over and over while others commit. One that was removed and made again in between may be told as it was.
   */
  listKnownManifests(): Promise<Manifest[]>;
  listDamagedManifests(part?: PartId): Promise<{ readonly shard: string; readonly detail: string }[]>;
  /** The commit of a shard. Never replaces a manifest. */
  writeManifest(manifest: Manifest): Promise<"committed" | "exists">;

  /**
   * Of a shard whose tar stays as it is: what is told of it in another way. `another`: what lies there is not `before` any
   * more, and stays.
   */
  changeManifest(before: Manifest, after: Manifest): Promise<"changed" | "another">;

  /** In order of their being withdrawn. */
  readWithdrawn(): Promise<readonly WithdrawnLine[]>;
  /** Behind those that are there; the list is written as a whole, and has another time even where none are added. */
  addWithdrawn(lines: readonly WithdrawnLine[]): Promise<void>;
  /** Tells one state of that list from another; null where there is none. */
  withdrawnStamp(): Promise<string | null>;

  readLedger(shard: string, signal: AbortSignal): AsyncIterable<LedgerLine>;
  /** The lines of a ledger that are not packed, about one in fifty: the others are passed over without being parsed. */
  readLeftOut(shard: string): Promise<LedgerLine[]>;
  writeLedger(shard: string, lines: Lines<LedgerLine>): Promise<void>;
  /** Each line of the ledger that lies there as `change` has it. */
  changeLedger(shard: string, change: (line: LedgerLine) => LedgerLine): Promise<void>;
  /** Members of the part that were left out before decoding. */
  readPlanLedger(part: PartId, signal: AbortSignal): AsyncIterable<LedgerLine>;
  writePlanLedger(part: PartId, lines: Lines<LedgerLine>): Promise<void>;

  readPartEnd(part: PartId): Promise<PartEnd | null>;
  writePartEnd(end: PartEnd): Promise<void>;
  listPartEnds(): Promise<PartEnd[]>;
  removePartEnd(part: PartId): Promise<void>;

  /** What was made of a shard and is not committed yet: paths of drafts, by name. */
  listDrafts(shard: string): Promise<string[]>;
  /** Likewise of all shards of a part, or of all parts. */
  listDraftsOf(part?: PartId): Promise<string[]>;
  /** Null where it is not whole. */
  readDraft(draft: string): Promise<Draft | null>;
  removeDraft(draft: string): Promise<void>;
  /**
   * Drafts first, so that nobody commits it late; then the manifest, so that a crash leaves no commit without its shard;
   * then tar, index and ledger.
   */
  removeShard(shard: string): Promise<void>;

  /** What indexing the annotations gave: of one subset, or of the whole dataset (null). */
  listAnnotations(): Promise<AnnotationsRecord[]>;
  writeAnnotations(record: AnnotationsRecord): Promise<void>;

  readQueueAddress(): Promise<QueueAddress | null>;
  writeQueueAddress(address: QueueAddress): Promise<void>;
  removeQueueAddress(): Promise<void>;
}
