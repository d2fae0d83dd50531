import { unlessAborted } from "@shardmill/core";
import type { BuildRequest, MillQueue } from "@shardmill/queue";

/** decisions.md 21: what has vanished from the queue is enqueued again this often. */
const ensureEveryMs = 10_000;
const lookEveryMs = 500;

/**
 * Waits until every request of the build has ended, looking at it meanwhile and adding again what has vanished of this
 * process's own request (null when all it asked for was at work already).
 */
export async function untilEnded(
  queue: MillQueue,
  build: string,
  request: BuildRequest | null,
  signal: AbortSignal,
  look: () => Promise<void>,
): Promise<void> {
  let ensuredAt = performance.now();
  for (;;) {
    // Every command waits while Redis is away; the signal must not.
    const ended = await unlessAborted(isEnded(queue, build, request), signal);
    // Also at the end: what ended between two looks has to be told.
    await unlessAborted(look(), signal);
    if (ended) return;
    if (request !== null && performance.now() - ensuredAt > ensureEveryMs) {
      await unlessAborted(queue.ensureParts(request), signal);
      ensuredAt = performance.now();
    }
    await pause(lookEveryMs, signal);
  }
}

/** A request's own job runs last, and whatever it ends with, the request has ended. */
async function isEnded(queue: MillQueue, build: string, request: BuildRequest | null): Promise<boolean> {
  const { waiting, active, delayed, parked, completed, failed } = await queue.jobsOf(build);
  const isOpen = [...waiting, ...active, ...delayed, ...parked].some((job) => job.what === "build");
  const isMine = (job: { what: string; run: number }): boolean =>
    job.what === "build" && job.run === request?.run;
  if (!isOpen && (request === null || [...completed, ...failed].some(isMine))) return true;
  return (await queue.control(build)) === "cancel";
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
