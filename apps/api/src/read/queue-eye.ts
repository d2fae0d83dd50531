import { type Clock, type Control, Failure } from "@shardmill/core";
import { type BuildQueues, isUnderWay, partsAtWork, readPause } from "@shardmill/owner";
import type { HeldPart } from "@shardmill/pipeline";
import type { BuildJobs, JobProgress, MillQueue, RoleCounts, WorkerBeat } from "@shardmill/queue";
import type { Records } from "@shardmill/store";
import type { Problem } from "../contract/index.ts";
import { problemOf } from "../secure/answer-problem.ts";

/** What the queue knows of one build. */
export interface BuildInQueue {
  /** Why nothing is known of it: all below is as if there were no jobs. */
  readonly problem: Problem | null;
  readonly control: Control;
  readonly running: ReadonlySet<string>;
  readonly queued: ReadonlySet<string>;
  readonly held: ReadonlyMap<string, HeldPart>;
  readonly jobs: {
    readonly waiting: number;
    readonly active: number;
    readonly delayed: number;
    readonly failed: number;
  };
  readonly active: boolean;
  /** Null where no job waits or runs. */
  readonly oldestRun: number | null;
  readonly progress: readonly JobProgress[];
}

export interface QueueNow {
  readonly reachable: boolean;
  readonly workers: readonly WorkerBeat[];
  readonly counts: { readonly plan: RoleCounts; readonly mill: RoleCounts };
}

const none: RoleCounts = { waiting: 0, active: 0, delayed: 0, parked: 0, completed: 0, failed: 0 };
const away: QueueNow = { reachable: false, workers: [], counts: { plan: none, mill: none } };
const nothing: Omit<BuildInQueue, "problem"> = {
  control: "run",
  running: new Set(),
  queued: new Set(),
  held: new Map(),
  jobs: { waiting: 0, active: 0, delayed: 0, failed: 0 },
  active: false,
  oldestRun: null,
  progress: [],
};

interface EyeOptions {
  readonly clock: Clock;
  readonly ttlMs: number;
  /** Told of what should not happen. */
  readonly log: { error(fields: object, text: string): void };
}

/**
 * Looks at the queue for those who only read: answers are kept for a moment, and a Redis that is away costs a bounded
 * wait and is told as a problem, since every figure comes from the records.
 */
export class QueueEye {
  readonly #queues: BuildQueues;
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #log: EyeOptions["log"];
  readonly #builds = new Map<string, Kept<BuildInQueue>>();
  #now: Kept<QueueNow> | null = null;

  constructor(queues: BuildQueues, options: EyeOptions) {
    this.#queues = queues;
    this.#clock = options.clock;
    this.#ttlMs = options.ttlMs;
    this.#log = options.log;
  }

  invalidate(build: string): void {
    this.#builds.delete(build);
  }

  build(records: Records, build: string): Promise<BuildInQueue> {
    const kept = this.#builds.get(build);
    if (kept !== undefined && this.#clock.now() - kept.at < this.#ttlMs) return kept.value;
    const value = this.#lookAt(records, build).catch((error: unknown) => this.#unknown(records, error));
    this.#builds.set(build, { at: this.#clock.now(), value });
    return value;
  }

  /** The queue that a worker of this name takes its jobs from; null where none has one. */
  async queueOfWorker(name: string): Promise<MillQueue | null> {
    for (const queue of this.#queues.all()) {
      const found = await within<readonly WorkerBeat[]>(queue.workers(), [], othersWithinMs).catch(() => []);
      if (found.some(({ worker }) => worker === name)) return queue;
    }
    return null;
  }

  /** What was kept of the workers is looked at anew by whoever asks next. */
  forgetWorkers(): void {
    this.#now = null;
  }

  now(): Promise<QueueNow> {
    if (this.#now !== null && this.#clock.now() - this.#now.at < this.#ttlMs) return this.#now.value;
    const value = within(this.#look(), away, answerWithinMs).catch(() => away);
    this.#now = { at: this.#clock.now(), value };
    return value;
  }

  async #look(): Promise<QueueNow> {
    const own = this.#queues.own;
    const [workers, counts] = await Promise.all([own.workers(), own.counts()]);
    // Those of builds that somebody else owns; one that does not answer has nothing to tell.
    const others = this.#queues.all().filter((queue) => queue !== own);
    const joined = await Promise.all(
      others.map(async (queue) => {
        const looking = Promise.all([queue.workers(), queue.counts()]);
        const told = looking.then(([found, theirs]) => ({ workers: found, counts: theirs }));
        return within<Told>(told, away, othersWithinMs).catch(() => away);
      }),
    );
    return {
      reachable: true,
      workers: [...workers, ...joined.flatMap((one) => one.workers)],
      counts: joined.reduce((sum, one) => addCounts(sum, one.counts), counts),
    };
  }

  async #lookAt(records: Records, build: string): Promise<BuildInQueue> {
    const queue = await this.#queues.of(records);
    const asked = Promise.all([queue.control(build), queue.jobsOf(build), queue.progressOf(build)]);
    const found = await within<Awaited<typeof asked> | null>(asked, null, answerWithinMs);
    if (found === null) {
      const message = `Redis at ${queue.address}: expected an answer within ${answerWithinMs / 1_000} s, found none`;
      throw new Failure("queue_unreachable", message, { where: { url: queue.address } });
    }
    const [control, jobs, progress] = found;
    return { problem: null, control, progress, ...(await summaryOf(records, jobs)) };
  }

  /** What is kept beside the records is known all the same: what has been asked for, and whether it is paused. */
  async #unknown(records: Records, error: unknown): Promise<BuildInQueue> {
    const { dataset } = records;
    const { problem } = problemOf(error);
    if (problem.code === "internal")
      this.#log.error({ dataset, err: error }, "the queue cannot be looked at");
    const atWork = await partsAtWork(records, null);
    const control = (await readPause(records).catch(() => null)) === null ? "run" : "pause";
    return { ...nothing, ...atWork, problem, control, active: atWork.queued.size > 0 };
  }
}

type Told = Pick<QueueNow, "workers" | "counts">;

interface Kept<T> {
  readonly at: number;
  readonly value: Promise<T>;
}

/** What jobs and runs of a build say of its parts. */
export async function summaryOf(
  records: Records,
  jobs: BuildJobs,
): Promise<Omit<BuildInQueue, "problem" | "control" | "progress">> {
  const atWork = await partsAtWork(records, jobs);
  return {
    ...atWork,
    jobs: {
      waiting: jobs.waiting.length,
      active: jobs.active.length,
      delayed: jobs.delayed.length,
      failed: jobs.failed.length,
    },
    active: isUnderWay(jobs) || atWork.queued.size > 0,
  };
}

function addCounts(one: QueueNow["counts"], other: QueueNow["counts"]): QueueNow["counts"] {
  return { plan: addRole(one.plan, other.plan), mill: addRole(one.mill, other.mill) };
}

function addRole(one: RoleCounts, other: RoleCounts): RoleCounts {
  return {
    waiting: one.waiting + other.waiting,
    active: one.active + other.active,
    delayed: one.delayed + other.delayed,
    parked: one.parked + other.parked,
    completed: one.completed + other.completed,
    failed: one.failed + other.failed,
  };
}

const answerWithinMs = 1_500;
const othersWithinMs = 1_000;

/** `late` where it has not ended in time. */
async function within<T>(work: Promise<T>, late: T, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(late), ms);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
