import type { BuildRecord } from "@shardmill/core";
import { type BuildStatus, readStatus } from "@shardmill/pipeline";
import { enqueueBuild, type OrderedPart } from "@shardmill/plan-worker";
import type { BuildRequest, MillQueue } from "@shardmill/queue";
import { acquireBuildLock, type Records, sweepTemporaries } from "@shardmill/store";
import type { CommandContext } from "../command-context.ts";
import { queueViewOf } from "../queue-view.ts";
import type { ProgressScreen } from "../screen/progress-screen.ts";
import { LocalWorker } from "./local-worker.ts";
import { openBuildQueue } from "./open-build-queue.ts";

export interface RunBuild {
  readonly records: Records;
  readonly build: BuildRecord;
  readonly parts: readonly OrderedPart[];
  /** Arguments of the local worker: how many clips at once, memory, bandwidth, cache. */
  readonly workerArgs: readonly string[];
  readonly screen: ProgressScreen;
}

/** decisions.md 21: what has vanished from the queue is enqueued again this often. */
const ensureEveryMs = 10_000;
const lookEveryMs = 500;

/**
 * Owns a build until it ends: lock, queue, a local worker, the screen. Whatever happens to the queue or the worker
 * meanwhile, the jobs are enqueued again; whatever happens to this process, the next `build` carries on from the records.
 */
export async function runBuild(context: CommandContext, run: RunBuild): Promise<BuildStatus> {
  const { records, build, screen } = run;
  const lock = await acquireBuildLock(records, { build: build.build });
  try {
    await sweepTemporaries(records.store, records.dataset);
    const owned = await openBuildQueue(context.settings, records, build.build, context.signal);
    screen.queueOpened(owned.kind);
    const worker = new LocalWorker({
      redisUrl: owned.url,
      outRoot: records.store.root,
      logDir: `${records.store.root}/${records.paths.records}/logs`,
      args: run.workerArgs,
      environment: process.env,
      onLost: (how) => screen.note(`the worker was lost (${how}); another one takes over`),
    });
    try {
      return await attend(run, owned.queue, AbortSignal.any([context.signal, lock.lost]));
    } finally {
      screen.stopping(context.signal.aborted);
      await worker.stop(context.hardStop);
      await owned.close();
      screen.close();
    }
  } finally {
    await lock.release();
  }
}

async function attend(run: RunBuild, queue: MillQueue, signal: AbortSignal): Promise<BuildStatus> {
  const { records, build, parts, screen } = run;
  const request = await enqueueBuild(queue, build, parts, nextRun());
  const stopListening = await queue.subscribe((event) => screen.event(event));
  const stopControl = await queue.watchControl(build.build, (_build, control) => screen.control(control));
  try {
    await untilEnded(queue, request, signal, async () => {
      const view = queueViewOf(await queue.jobsOf(build.build));
      screen.status(await readStatus(records, build, view), await queue.progressOf(build.build));
    });
  } finally {
    await stopControl();
    await stopListening();
  }
  return readStatus(records, build, { running: new Set(), queued: new Set() });
}

/** A number of its own for every run, growing with time, so that an ended run's jobs do not stand in the way. */
function nextRun(): number {
  return Math.floor(Date.now() / 100);
}

async function untilEnded(
  queue: MillQueue,
  request: BuildRequest,
  signal: AbortSignal,
  look: () => Promise<void>,
): Promise<void> {
  let ensuredAt = performance.now();
  for (;;) {
    signal.throwIfAborted();
    if (await isEnded(queue, request)) return;
    await look();
    if (performance.now() - ensuredAt > ensureEveryMs) {
      await queue.ensureParts(request);
      ensuredAt = performance.now();
    }
    await pause(lookEveryMs, signal);
  }
}

/** The build's own job runs last, and whatever it ends with, the build has ended. */
async function isEnded(queue: MillQueue, request: BuildRequest): Promise<boolean> {
  const { completed, failed } = await queue.jobsOf(request.build);
  if ([...completed, ...failed].some((job) => job.what === "build" && job.run === request.run)) return true;
  return (await queue.control(request.build)) === "cancel";
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
  });
}
