import { Failure, isCancellation, systemClock, unlessAborted } from "@shardmill/core";
import type { BuildJobs, JobProgress, MillQueue } from "@shardmill/queue";
import { type OutputMark, type Records, readOutputMark } from "@shardmill/store";
import { addAgain } from "./add-again.ts";
import { keepHolds } from "./hold-records.ts";
import { keepControl } from "./pause-record.ts";
import { dropRun, type KeptRun, listRuns } from "./runs.ts";

/** How a build is watched while its runs last. */
export interface Attention {
  readonly records: Records;
  readonly queue: MillQueue;
  readonly build: string;
  /** Runs that an earlier owner has left and this one does not carry on. */
  readonly passedOver: ReadonlySet<number>;
  readonly lookEveryMs: number;
  /** How often what has vanished is added again, unless a whole run has: that is done at the next look. */
  readonly ensureEveryMs: number;
  /** What the output is known by while this owner has it. */
  readonly mark: OutputMark;
  readonly signal: AbortSignal;
  /** The output folder is away, or (true) there again. */
  readonly onOutput: (isThere: boolean) => void;
  readonly onLook: (jobs: BuildJobs, progress: readonly JobProgress[]) => void;
  /** For whoever goes on when a look fails; without it the first failure ends the watch. */
  readonly onTrouble?: ((error: unknown) => void) | undefined;
}

export interface RunsEnd {
  readonly kind: "ended" | "cancelled";
  /** A run has ended that the user's folders are to be looked at after. */
  readonly thenRoots: boolean;
}

/**
 * Waits until every run of the build has ended, whoever asked for it: looks at the queue, adds again what has vanished
 * from it, and takes away the runs that have ended.
 */
export async function attendRuns(attention: Attention): Promise<RunsEnd> {
  const { signal, onTrouble, lookEveryMs } = attention;
  const memory = { ensuredAt: performance.now(), thenRoots: false };
  let isThere = true;
  for (;;) {
    try {
      // What is not there says nothing of what has ended.
      const isThereNow: boolean = await isMarked(attention);
      if (isThereNow !== isThere) attention.onOutput(isThereNow);
      isThere = isThereNow;
      const end = isThere ? await lookOnce(attention, memory) : null;
      if (end !== null) return { kind: end, thenRoots: end === "ended" && memory.thenRoots };
    } catch (error) {
      if (isCancellation(error, signal)) throw error;
      // Where the output went away meanwhile, the next look tells.
      const isOfOutput = !(await isMarked(attention));
      if (onTrouble === undefined && !isOfOutput) throw error;
      onTrouble?.(error);
    }
    await systemClock.sleep(lookEveryMs, signal);
  }
}

async function isMarked({ records, mark }: Attention): Promise<boolean> {
  try {
    return (await readOutputMark(records))?.word === mark.word;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

async function lookOnce(
  attention: Attention,
  memory: { ensuredAt: number; thenRoots: boolean },
): Promise<RunsEnd["kind"] | null> {
  const { records, queue, passedOver, signal, ensureEveryMs } = attention;
  // The runs first: a cancel that a new run has lifted has taken away those before it.
  const runs = (await listRuns(records)).filter(({ run }) => !passedOver.has(run.run));
  // Every question waits while Redis is away; the signal must not.
  const { jobs, isCancelled } = await unlessAborted(askQueue(attention), signal);
  const toCome = buildJobsToCome(jobs);
  // All that a run was for may have been cancelled before the queue knew of it.
  const isEmpty = ({ run }: KeptRun): boolean => run.parts.length === 0 && !toCome.has(run.run);
  const ended = runs.filter((run) => isCancelled || hasEnded(jobs, run) || isEmpty(run));
  for (const run of ended) await dropRun(records, run);
  if (isCancelled) return "cancelled";
  memory.thenRoots ||= ended.some((run) => run.thenRoots);
  const open = runs.filter((run) => !ended.includes(run));
  if (open.length === 0 && toCome.size === 0) return "ended";
  const isDue = performance.now() - memory.ensuredAt > ensureEveryMs;
  const lacking = open.filter(({ run }) => isDue || !toCome.has(run.run));
  // A queue that has forgotten the jobs has forgotten this too.
  if (lacking.length > 0) await unlessAborted(queue.setMark(attention.build, attention.mark.word), signal);
  for (const { run } of lacking) await addAgain(attention, run.run);
  if (isDue || lacking.length > 0) memory.ensuredAt = performance.now();
  return null;
}

async function askQueue({
  records,
  queue,
  build,
  onLook,
}: Attention): Promise<{ jobs: BuildJobs; isCancelled: boolean }> {
  // Only a worker writes there; where that is refused, whoever watches has to be told.
  await queue.look();
  const isCancelled = (await keepControl(records, queue, build)) === "cancel";
  await keepHolds(records, queue, build);
  const [jobs, progress] = await Promise.all([queue.jobsOf(build), queue.progressOf(build)]);
  // Also at the end: what ended between two looks has to be told.
  onLook(jobs, progress);
  return { jobs, isCancelled };
}

/** A run's own job comes last, and whatever it ends with, the run has ended. */
export function hasEnded({ completed, failed }: BuildJobs, { run }: KeptRun): boolean {
  return [...completed, ...failed].some((job) => job.what === "build" && job.run === run.run);
}

/** Numbers of the runs whose own job is still to come. */
function buildJobsToCome({ waiting, active, delayed, parked }: BuildJobs): ReadonlySet<number> {
  const all = [...waiting, ...active, ...delayed, ...parked];
  return new Set(all.flatMap((job) => (job.what === "build" ? [job.run] : [])));
}
