import type { Clock, Control } from "@shardmill/core";
import type { BuildJobs, JobRef, MillQueue, RoleCounts, ShardProgress, WorkerBeat } from "@shardmill/queue";

/** What the queue knows of one build. */
export interface BuildInQueue {
  readonly reachable: boolean;
  readonly control: Control;
  readonly running: ReadonlySet<string>;
  readonly queued: ReadonlySet<string>;
  readonly jobs: {
    readonly waiting: number;
    readonly active: number;
    readonly delayed: number;
    readonly failed: number;
  };
  readonly active: boolean;
  readonly progress: readonly ShardProgress[];
}

export interface QueueNow {
  readonly reachable: boolean;
  readonly workers: readonly WorkerBeat[];
  readonly counts: { readonly plan: RoleCounts; readonly mill: RoleCounts };
}

const none: RoleCounts = { waiting: 0, active: 0, delayed: 0, parked: 0, completed: 0, failed: 0 };
const away: BuildInQueue = {
  reachable: false,
  control: "run",
  running: new Set(),
  queued: new Set(),
  jobs: { waiting: 0, active: 0, delayed: 0, failed: 0 },
  active: false,
  progress: [],
};

/**
 * Looks at the queue for those who only read: answers are kept for a moment, and a Redis that is away costs a bounded
 * wait and then counts as empty, since every figure comes from the records.
 */
export class QueueEye {
  readonly #queue: MillQueue;
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #builds = new Map<string, Kept<BuildInQueue>>();
  #now: Kept<QueueNow> | null = null;

  constructor(queue: MillQueue, options: { readonly clock: Clock; readonly ttlMs: number }) {
    this.#queue = queue;
    this.#clock = options.clock;
    this.#ttlMs = options.ttlMs;
  }

  invalidate(build: string): void {
    this.#builds.delete(build);
  }

  build(build: string): Promise<BuildInQueue> {
    const kept = this.#builds.get(build);
    if (kept !== undefined && this.#clock.now() - kept.at < this.#ttlMs) return kept.value;
    const value = within(this.#lookAt(build), away);
    this.#builds.set(build, { at: this.#clock.now(), value });
    return value;
  }

  now(): Promise<QueueNow> {
    if (this.#now !== null && this.#clock.now() - this.#now.at < this.#ttlMs) return this.#now.value;
    const value = within(this.#look(), {
      reachable: false,
      workers: [],
      counts: { plan: none, mill: none },
    });
    this.#now = { at: this.#clock.now(), value };
    return value;
  }

  async #look(): Promise<QueueNow> {
    const [workers, counts] = await Promise.all([this.#queue.workers(), this.#queue.counts()]);
    return { reachable: true, workers, counts };
  }

  async #lookAt(build: string): Promise<BuildInQueue> {
    const [control, jobs, progress] = await Promise.all([
      this.#queue.control(build),
      this.#queue.jobsOf(build),
      this.#queue.progressOf(build),
    ]);
    return { reachable: true, control, progress, ...summaryOf(jobs) };
  }
}

interface Kept<T> {
  readonly at: number;
  readonly value: Promise<T>;
}

/** A part runs while one of its jobs does; it is queued while it only waits. */
export function summaryOf(jobs: BuildJobs): Pick<BuildInQueue, "running" | "queued" | "jobs" | "active"> {
  const running = labels(jobs.active);
  const queued = labels([...jobs.waiting, ...jobs.delayed, ...jobs.parked]);
  for (const label of running) queued.delete(label);
  return {
    running,
    queued,
    jobs: {
      waiting: jobs.waiting.length,
      active: jobs.active.length,
      delayed: jobs.delayed.length,
      failed: jobs.failed.length,
    },
    active: running.size + queued.size > 0 || jobs.active.length > 0,
  };
}

function labels(refs: readonly JobRef[]): Set<string> {
  return new Set(refs.flatMap(({ label }) => (label === null ? [] : [label])));
}

const answerWithinMs = 1_500;

async function within<T>(work: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), answerWithinMs);
  });
  try {
    return await Promise.race([work.catch(() => otherwise), late]);
  } finally {
    clearTimeout(timer);
  }
}
