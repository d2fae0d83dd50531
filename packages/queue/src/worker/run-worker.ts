import { Worker, type WorkerOptions } from "bullmq";
import { watchControl } from "../jobs/control.ts";
import type { OpenQueue } from "../jobs/open-queue.ts";
import type { RunningWorker, WorkerSpec } from "../mill-queue.ts";
import { millQueueName, planQueueName } from "../redis/redis-keys.ts";
import { Intake } from "./intake.ts";
import { processJob, type Shift } from "./process-job.ts";
import { AttemptFailed } from "./settle-job.ts";

/** Takes jobs of one role until it is closed. */
export async function runWorker(queue: OpenQueue, spec: WorkerSpec): Promise<RunningWorker> {
  const worker: Worker = new Worker(
    spec.role === "plan" ? planQueueName : millQueueName,
    (job, token) => processJob(queue, spec, shift, { job, token: token ?? "" }),
    workerOptions(queue, spec),
  );
  const { refusedWaitMs, refusedMaxWaitMs } = queue.settings;
  const intake = new Intake(worker, { baseMs: refusedWaitMs, maxMs: refusedMaxWaitMs }, queue.onError);
  const shift: Shift = { running: new Map(), intake, isLeaving: false };
  const { running } = shift;
  worker.on("error", queue.onError);
  worker.on("lockRenewalFailed", (ids: string[]) => {
    for (const id of ids) running.get(id)?.stop("lock_lost");
  });
  const stopWatching = await watchControl(queue, null, (build, control, label) => {
    if (control === "run") return;
    for (const job of running.values())
      if (job.task.build === build && (label === null || job.current().label === label)) job.stop(control);
  });
  await worker.waitUntilReady();
  // A refused look for work would be followed by the next at once; those who have work wait by themselves.
  const stopHeeding = queue.patience.listen((why) => {
    if (why === null) intake.release("refused_by_server");
    else intake.hold("refused_by_server").catch(queue.onError);
  });
  worker.run().catch(queue.onError);
  return {
    name: spec.name,
    current: () => [...running.values()].map((job) => job.current()),
    pauseIntake: () => intake.hold("asked"),
    async resumeIntake() {
      intake.release("asked");
    },
    close: closer(worker, shift, queue.settings.closeWithinMs, async () => {
      stopHeeding();
      await stopWatching();
    }),
  };
}

function workerOptions({ redis, settings }: OpenQueue, { name, concurrency }: WorkerSpec): WorkerOptions {
  return {
    connection: redis,
    prefix: settings.prefix,
    name,
    concurrency,
    lockDuration: settings.lockDurationMs,
    stalledInterval: settings.stalledIntervalMs,
    maxStalledCount: settings.maxStalledCount,
    // Never reached, but needed: without a limiter BullMQ 6.7 tells a limit set by one worker to no other.
    limiter: { max: 1_000_000_000, duration: 1_000 },
    // After a lost connection, look again soon.
    runRetryDelay: 1_000,
    autorun: false,
    settings: {
      backoffStrategy: (_attempts, _type, error) => (error instanceof AttemptFailed ? error.afterMs : 0),
    },
  };
}

function closer(
  worker: Worker,
  shift: Shift,
  withinMs: number,
  stopWatching: () => Promise<void>,
): RunningWorker["close"] {
  let draining: Promise<void> | null = null;
  let aborting: Promise<void> | null = null;
  const { running } = shift;
  const abort = async (): Promise<void> => {
    const closed = draining ?? worker.close();
    for (const job of running.values()) job.stop("shutdown");
    // A handler that does not listen is let go of after two thirds of the time; the rest is for giving its job back.
    const letGo = setTimeout(
      () => {
        for (const job of running.values()) job.letGo();
      },
      (withinMs * 2) / 3,
    );
    const isClosed = await within(closed, withinMs);
    clearTimeout(letGo);
    // Redis is away: the lock runs out by itself and another worker takes the job.
    if (!isClosed) await within(worker.getBackend().disconnectBlocking(false), 500);
    await within(stopWatching(), 500);
  };
  return ({ drain }) => {
    shift.isLeaving = true;
    shift.intake.end();
    if (!drain) {
      aborting ??= abort();
      return aborting;
    }
    draining ??= worker.close();
    return aborting ?? draining.then(stopWatching);
  };
}

/** False when the promise took longer. */
async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const settled = promise.then(
    () => true,
    () => true,
  );
  const inTime = await Promise.race([settled, late]);
  clearTimeout(timer);
  return inTime;
}
