import { unlessAborted } from "@shardmill/core";
import type { BuildRequest, MillQueue } from "@shardmill/queue";

/** What has vanished from the queue is enqueued again this often, and at once where all of it has. */
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
    const state = await unlessAborted(stateOf(queue, build, request), signal);
    // Also at the end: what ended between two looks has to be told.
    await unlessAborted(look(), signal);
    if (state === "ended") return;
    const isDue = state === "vanished" || performance.now() - ensuredAt > ensureEveryMs;
    if (request !== null && isDue) {
      await unlessAborted(queue.ensureParts(request), signal);
      ensuredAt = performance.now();
    }
    await pause(lookEveryMs, signal);
  }
}

/** A request's own job runs last, and whatever it ends with, the request has ended. */
async function stateOf(
  queue: MillQueue,
  build: string,
  request: BuildRequest | null,
): Promise<"open" | "ended" | "vanished"> {
  if ((await queue.control(build)) === "cancel") return "ended";
  const { waiting, active, delayed, parked, completed, failed } = await queue.jobsOf(build);
  if ([...waiting, ...active, ...delayed, ...parked].some((job) => job.what === "build")) return "open";
  const isMine = (job: { what: string; run: number }): boolean =>
    job.what === "build" && job.run === request?.run;
  return request === null || [...completed, ...failed].some(isMine) ? "ended" : "vanished";
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
