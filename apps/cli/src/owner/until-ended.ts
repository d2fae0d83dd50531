import type { BuildRequest, MillQueue } from "@shardmill/queue";
import { unlessAborted } from "./unless-aborted.ts";

/** decisions.md 21: what has vanished from the queue is enqueued again this often. */
const ensureEveryMs = 10_000;
const lookEveryMs = 500;

/** Waits until the build's own job has ended, looking at it meanwhile and adding again what has vanished. */
export async function untilEnded(
  queue: MillQueue,
  request: BuildRequest,
  signal: AbortSignal,
  look: () => Promise<void>,
): Promise<void> {
  let ensuredAt = performance.now();
  for (;;) {
    // Every command waits while Redis is away; the signal must not.
    if (await unlessAborted(isEnded(queue, request), signal)) return;
    await unlessAborted(look(), signal);
    if (performance.now() - ensuredAt > ensureEveryMs) {
      await unlessAborted(queue.ensureParts(request), signal);
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
