import { type BuildRecord, Failure, partLabel, unlessAborted } from "@shardmill/core";
import { type BuildStatus, noQueue, readStatus, sealBuild } from "@shardmill/pipeline";
import { enqueueBuild, type OrderedPart } from "@shardmill/plan-worker";
import type { BuildJobs, MillQueue } from "@shardmill/queue";
import { acquireBuildLock, type Records, sweepTemporaries } from "@shardmill/store";
import type { CommandContext } from "../context/command-context.ts";
import { queueViewOf } from "../output/queue-view.ts";
import type { ProgressScreen } from "../screen/progress-screen.ts";
import { LocalWorker } from "./local-worker.ts";
import { openBuildQueue } from "./open-build-queue.ts";
import { nextRun } from "./run-number.ts";
import { untilEnded } from "./until-ended.ts";

export interface RunBuild {
  readonly records: Records;
  /** Written once the lock is held: a second build that is refused must not change the record of the first. */
  readonly build: BuildRecord;
  readonly parts: readonly OrderedPart[];
  /** Arguments of the local worker: how many clips at once, memory, bandwidth, cache. */
  readonly workerArgs: readonly string[];
  readonly screen: ProgressScreen;
}

/**
 * Owns a build until it ends: lock, queue, a local worker, the screen. Whatever happens to the queue or the worker
 * meanwhile, the jobs are enqueued again; whatever happens to this process, the next `build` carries on from the records.
 */
export async function runBuild(context: CommandContext, run: RunBuild): Promise<BuildStatus> {
  const { records, build, parts } = run;
  const lock = await acquireBuildLock(records, { build: build.build });
  context.outliveTerminal();
  try {
    await sweepTemporaries(records.store, records.dataset);
    await records.writeBuild(build);
    if (parts.length > 0) await workThrough(context, run, AbortSignal.any([context.signal, lock.lost]));
    else await sealBuild({ records, build });
    const status = await readStatus(records, build, noQueue);
    await records.writeBuild(withRevisions(build, status));
    return status;
  } finally {
    await lock.release();
  }
}

/** Which commit each part's plan was made from is known when the plans are there. */
function withRevisions(build: BuildRecord, { parts }: BuildStatus): BuildRecord {
  const revisions = new Map(parts.map(({ label, revision }) => [label, revision]));
  return {
    ...build,
    parts: build.parts.map((part) => ({ ...part, revision: revisions.get(partLabel(part)) ?? null })),
  };
}

async function workThrough(context: CommandContext, run: RunBuild, signal: AbortSignal): Promise<void> {
  const { records, build, screen } = run;
  const onRefusal = (why: string | null): void => screen.refusal(why);
  const owned = await openBuildQueue(context.settings, records, build.build, context.signal, onRefusal);
  screen.queueOpened(owned.kind);
  if (owned.queue.notice !== null) screen.note(`note: ${owned.queue.notice}`);
  const noWorker = new AbortController();
  const logDir = `${records.store.root}/${records.paths.records}/logs`;
  const worker = new LocalWorker({
    redisUrl: owned.url,
    outRoot: records.store.root,
    logDir,
    args: run.workerArgs,
    environment: process.env,
    onLost: (how) => screen.note(`the worker was lost (${how}); another one takes over`),
    onGivenUp: (why) => void giveUp(owned.queue, `${why}; its log: ${logDir}/worker.log`, screen, noWorker),
  });
  try {
    await attend(run, owned.queue, AbortSignal.any([signal, noWorker.signal]));
  } finally {
    screen.stopping(context.signal.aborted);
    await worker.stop(context.hardStop);
    await owned.close();
    screen.close();
  }
}

/** Where no worker of this machine starts, only those of other machines can carry the build on. */
async function giveUp(
  queue: MillQueue,
  why: string,
  screen: ProgressScreen,
  noWorker: AbortController,
): Promise<void> {
  const failure = new Failure("worker_failed", `the worker does not start: ${why}`);
  const others = await unlessAborted(queue.workers(), AbortSignal.timeout(2_000)).catch(() => []);
  if (others.length === 0) noWorker.abort(failure);
  else screen.note(`${failure.message}; the build goes on with those of other machines`);
}

async function attend(
  { records, build, parts, screen }: RunBuild,
  queue: MillQueue,
  signal: AbortSignal,
): Promise<void> {
  const watching = watch(build, queue, screen);
  watching.catch(() => undefined);
  try {
    // Commands wait while Redis is away; Ctrl-C must not.
    const busy = labelsAtWork(await unlessAborted(queue.jobsOf(build.build), signal));
    const idle = parts.filter(({ part }) => !busy.has(partLabel(part)));
    if (idle.length < parts.length)
      screen.note(
        `${parts.length - idle.length} of the parts are at work already: they are not started twice`,
      );
    const request =
      idle.length === 0
        ? null
        : await unlessAborted(enqueueBuild(queue, build, idle, nextRun(Date.now())), signal);
    await untilEnded(queue, build.build, request, signal, async () => {
      // Only the worker writes here; where that is refused, the screen has to say so.
      await queue.look();
      const view = queueViewOf(await queue.jobsOf(build.build));
      screen.status(await readStatus(records, build, view), await queue.progressOf(build.build));
    });
  } finally {
    const stopping = watching.then((stop) => stop());
    // With Redis away the listeners cannot take their leave; closing the queue ends them.
    await unlessAborted(stopping, AbortSignal.timeout(1_000)).catch(() => undefined);
  }
}

async function watch(
  build: BuildRecord,
  queue: MillQueue,
  screen: ProgressScreen,
): Promise<() => Promise<void>> {
  const stopListening = await queue.subscribe((event) => screen.event(event));
  const stopControl = await queue.watchControl(build.build, (_build, control) => screen.control(control));
  return async () => {
    await stopControl();
    await stopListening();
  };
}

/** Parts that an earlier request, a detached one say, has in the queue still. */
function labelsAtWork(jobs: BuildJobs): ReadonlySet<string> {
  const { running, queued } = queueViewOf(jobs);
  return new Set([...running, ...queued]);
}
