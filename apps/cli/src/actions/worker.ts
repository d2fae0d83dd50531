import { Socket } from "node:net";
import { hostname } from "node:os";
import { Failure, systemClock, unlessAborted } from "@shardmill/core";
import { startMillWorker } from "@shardmill/mill-worker";
import { startPlanWorker } from "@shardmill/plan-worker";
import { connectQueue, type MillQueue } from "@shardmill/queue";
import type { Logger } from "pino";
import type { CommandContext } from "../context/command-context.ts";
import { openLog } from "../context/open-log.ts";
import { surroundingsOf } from "../context/surroundings.ts";
import { sweepScratch, useScratch } from "../output/ready-place.ts";
import { version } from "../version.ts";
import { beat, type Roles } from "../worker/beat.ts";
import { FurtherWorkers } from "../worker/further-workers.ts";
import { sharesOf } from "../worker/shares-of.ts";
import type { WorkerOptions } from "../worker/worker-options.ts";

export async function runWorker(context: CommandContext, options: WorkerOptions): Promise<void> {
  const { settings, signal } = context;
  useScratch(options);
  if (settings.redisUrl === null) {
    throw new Failure(
      "wrong_use",
      "a worker needs REDIS_URL; without one, build starts its own queue and worker",
    );
  }
  await sweepScratch(options.out);
  const name = `${hostname()}/${process.pid}`;
  const log = openLog({ worker: name, ...(options.partOf === undefined ? {} : { of: options.partOf }) }, 1);
  const ownerGone = options.owned === true ? stdinEnded() : new AbortController().signal;
  const asked = AbortSignal.any([signal, ownerGone]);
  // A drain takes as long as it takes; where the owner is gone, nobody is left who would wait for it.
  const drains = (): boolean => options.drain === true && !ownerGone.aborted;
  const isAsked = aborted(asked).then(() => {
    if (!drains()) context.endWithin(endWithinMs);
  });
  const [own = options, ...others] = sharesOf(options);
  let further: FurtherWorkers | null = null;
  try {
    const queue = await openQueue(
      context,
      { url: settings.redisUrl, isOwned: options.owned === true, log },
      asked,
    );
    further = new FurtherWorkers(others, { redisUrl: settings.redisUrl, name: `${name}/mill`, log });
    // With Redis away its listeners wait for it; whoever wants the worker to end must not.
    const running = await unlessAborted(startRoles(context, own, queue, log), asked);
    const processes = further.count;
    const stopBeats = beat(queue, running, { options: own, processes, log });
    log.info({ version, role: own.role, clips: own.workers, processes }, "worker started");
    // An owner that started this process wants to know; one that is gone does not.
    process.send?.("started", undefined, undefined, () => undefined);
    await isAsked;
    log.info("worker stops");
    stopBeats();
    const drain = drains();
    await Promise.all([
      running.plan?.close({ drain }),
      running.mill?.close({ drain }),
      further.stop(context.hardStop, { drains: drain }),
    ]);
    await queue.close();
  } catch (error) {
    if (error !== ownerGone.reason) throw error;
  } finally {
    await further?.stop(context.hardStop, { drains: false });
  }
  // Its exit code tells what ended it.
  signal.throwIfAborted();
}

/**
 * The queue, or the reason in one line. A worker whose owner has the queue open waits instead: it takes the place of one
 * that was lost, and Redis may be away or full just then.
 */
async function openQueue(
  { settings }: CommandContext,
  { url, isOwned, log }: { readonly url: string; readonly isOwned: boolean; readonly log: Logger },
  signal: AbortSignal,
): Promise<MillQueue> {
  const connect = (): Promise<MillQueue> =>
    connectQueue({
      ...settings.queue,
      url,
      signal,
      onError: (error) => log.warn({ error: error.message }, "queue connection"),
      onRefusal: (why) =>
        why === null ? log.info("the queue is served again") : log.warn({ why }, "the queue is refused"),
    });
  for (let waitMs = 1_000; ; waitMs = Math.min(2 * waitMs, 10_000)) {
    try {
      return await connect();
    } catch (error) {
      const mayPass = error instanceof Failure && waitedFor.has(error.code);
      if (!isOwned || !mayPass) throw error;
      log.warn({ code: error.code, error: error.message }, "the queue cannot be opened yet");
      await systemClock.sleep(waitMs, signal);
    }
  }
}

const waitedFor: ReadonlySet<string> = new Set(["queue_unreachable", "queue_unfit"]);

/** A worker that is told to stop is gone after ten seconds, whether Redis answers or not. */
const endWithinMs = 10_000;

async function startRoles(
  { settings }: CommandContext,
  options: WorkerOptions,
  queue: MillQueue,
  log: Logger,
): Promise<Roles> {
  const surroundings = {
    ...surroundingsOf(settings, options),
    gate: queue.rateGate(),
    onIncident: (incident: { kind: string; path: string | null; detail: string; attempt: number }) =>
      log.warn(
        { path: incident.path, kind: incident.kind, attempt: incident.attempt, detail: incident.detail },
        "source fault healed",
      ),
  };
  const plan =
    options.role === "mill"
      ? null
      : await startPlanWorker({ queue, surroundings, concurrency: options.plans, log });
  const mill =
    options.role === "plan"
      ? null
      : await startMillWorker({
          queue,
          surroundings,
          clips: options.workers,
          shards: options.shards ?? Math.max(2, Math.ceil(options.workers / 8)),
          memoryBytes: options.memory,
          childMemoryMb: Math.round(options.childMemory / 1_048_576),
          space: { minFreeBytes: options.minFree ?? 0, maxOutputBytes: options.maxOutput ?? null },
          log,
        });
  return { plan, mill };
}

function stdinEnded(): AbortSignal {
  const ended = new AbortController();
  process.stdin.resume();
  unrefStdin();
  process.stdin.once("close", () => ended.abort());
  process.stdin.once("end", () => ended.abort());
  process.stdin.once("error", () => ended.abort());
  return ended.signal;
}

/** Stdin tells that the owner is gone; it must not keep a worker alive that has done all it was asked for. */
function unrefStdin(): void {
  const { stdin } = process;
  if (stdin instanceof Socket) stdin.unref();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
