import type { Control, Json, RateGate } from "@shardmill/core";
import type { JobFailure } from "./jobs/job-failure.ts";
import type { JobRef } from "./jobs/job-ids.ts";
import type { BuildRun, PartTask, SealTask, ShardJob, ShardTask, Step } from "./jobs/payloads.ts";
import type { JobEvent } from "./live/job-event.ts";
import type { WorkerBeat, WorkerBeatInput } from "./live/worker-beat.ts";

/** What a handler gets beside its task. */
export interface JobContext {
  /** Aborted when the job has to be left: shutdown, pause, cancel, lost lock. The handler then throws `signal.reason`. */
  readonly signal: AbortSignal;
  /** 1 for the first attempt. Being handed back, paused or rate limited uses none. */
  readonly attempt: number;
  /** How many attempts it has before it fails for good. */
  readonly attempts: number;
  /** The word that the build's output is known by; null where nobody has told it. */
  mark(): Promise<string | null>;
  /** Tells others how far the job is; at most one message a second is sent, the last one always. */
  progress(progress: Json): void;
}

export interface FinishContext extends JobContext {
  /** Shards (by range) or parts (by label) that failed for good. */
  readonly failures: ReadonlyMap<string, JobFailure>;
}

export interface PlanHandlers {
  /** Plans a part and returns the shards to be made; may run again, and then returns those that still have to be made. */
  planPart(part: PartTask, context: JobContext): Promise<readonly ShardJob[]>;
  /** Runs when every shard of the part has ended, well or not. */
  finishPart(part: PartTask, context: FinishContext): Promise<Json>;
  /** Runs when every part of the build has ended, well or not. */
  sealBuild(build: SealTask, context: FinishContext): Promise<Json>;
}

export interface MillHandlers {
  /** Makes one shard. Returns a small summary; the shard itself goes to the store. */
  millShard(shard: ShardTask, context: JobContext): Promise<Json>;
}

interface WorkerCommon {
  readonly name: string;
  readonly concurrency: number;
  readonly onEvent?: (event: JobEvent) => void;
}

export type WorkerSpec =
  | (WorkerCommon & { readonly role: "plan"; readonly handlers: PlanHandlers })
  | (WorkerCommon & { readonly role: "mill"; readonly handlers: MillHandlers });

export interface CurrentJob {
  readonly build: string;
  readonly step: Step;
  readonly label: string | null;
  readonly range: string | null;
  readonly attempt: number;
  /** What its handler last told; null before it has. */
  readonly progress: Json;
}

export interface RunningWorker {
  readonly name: string;
  current(): CurrentJob[];
  /** Takes no new job until `resumeIntake`; those running go on. */
  pauseIntake(): Promise<void>;
  resumeIntake(): Promise<void>;
  /**
   * drain: finishes the running jobs, however long that takes. Otherwise they are aborted and handed back without a used
   * attempt, and all ends within `closeWithinMs`. Closing without drain while a drain is under way cuts it short.
   */
  close(options: { drain: boolean }): Promise<void>;
}

/** The jobs of one build by state. `parked`: waits for its shards or parts. */
export interface BuildJobs {
  readonly waiting: readonly JobRef[];
  readonly active: readonly JobRef[];
  readonly delayed: readonly JobRef[];
  readonly parked: readonly JobRef[];
  readonly completed: readonly JobRef[];
  readonly failed: readonly (JobRef & { readonly failure: JobFailure })[];
}

export interface JobProgress {
  readonly label: string | null;
  readonly range: string | null;
  readonly worker: string;
  readonly step: Step;
  readonly progress: Json;
}

export interface RoleCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly parked: number;
  readonly completed: number;
  readonly failed: number;
}

export type Stop = () => Promise<void>;

export interface MillQueue {
  /** The server's address without a password. */
  readonly address: string;
  /** One line about the server that a person should know, though it does not stand in the way; null: none. */
  readonly notice: string | null;
  /**
   * Whether the server takes what the queue needs is looked at; what is found is told to `onRefusal`. Fails with
   * `queue_unfit`, as every question does, while the server refuses for a reason that does not pass by itself.
   */
  look(): Promise<void>;
  /** Milliseconds of one round trip; fails with queue_unreachable instead of waiting for a server that is away. */
  ping(): Promise<number>;
  /** Adds a build and its parts in one step, or what is not there of them. Lifts a `cancel` of an earlier run. */
  enqueueBuild(run: BuildRun): Promise<{ added: string[] }>;
  /** Adds what has vanished of a build: the owner calls it every ten seconds. What exists, ended or not, is left alone. */
  ensureParts(run: BuildRun): Promise<{ added: string[] }>;
  runWorker(spec: WorkerSpec): Promise<RunningWorker>;

  /**
   * pause: running jobs are handed back, none is begun. cancel: all jobs of the build go away. Fails within two seconds
   * where the server does not answer or refuses, and is not done later then.
   */
  setControl(build: string, control: Control): Promise<void>;
  control(build: string): Promise<Control>;
  /** Null where this queue has not been told, or has forgotten it. */
  askedControl(build: string): Promise<Control | null>;
  /** Calls back on every change, and at once for a build that is not on `run`. `null` watches all builds. */
  watchControl(
    build: string | null,
    onChange: (build: string, control: Control, label: string | null) => void,
  ): Promise<Stop>;
  /** The same of one part; what is asked of the whole build outweighs it. A cancelled part is not added again by its owner. */
  setPartControl(part: { readonly build: string; readonly label: string }, control: Control): Promise<void>;
  /** What was asked of parts of a build, by label; those of which nothing was asked, or is known any more, are not there. */
  partControls(build: string): Promise<ReadonlyMap<string, Control>>;
  forgetPartControls(build: string, labels: readonly string[]): Promise<void>;
  /** Tells workers what the build's output is known by (store: `OutputMark`). */
  setMark(build: string, word: string): Promise<void>;
  /** One pace for all workers, by host; `scope` keeps builds apart where that is wanted. */
  rateGate(scope?: string): RateGate;

  beat(beat: WorkerBeatInput): Promise<void>;
  workers(): Promise<WorkerBeat[]>;
  /** Whether a worker is to take no new job; it asks for itself, by its name. */
  setRest(worker: string, rests: boolean): Promise<void>;
  isToRest(worker: string): Promise<boolean>;

  /** False when the event was not sent: larger than `eventMaxBytes`, or Redis is away. */
  publish(event: JobEvent): Promise<boolean>;
  subscribe(onEvent: (event: JobEvent) => void): Promise<Stop>;
  /** What the running jobs of a build last told, also for those who listen late. */
  progressOf(build: string): Promise<JobProgress[]>;

  jobsOf(build: string): Promise<BuildJobs>;
  counts(): Promise<{ plan: RoleCounts; mill: RoleCounts }>;
  /** Everything of a build, running jobs included. */
  removeBuild(build: string): Promise<void>;
  close(): Promise<void>;
}
