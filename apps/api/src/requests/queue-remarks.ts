import type { BuildNow } from "../read/build-now.ts";

/** What is at work is unknown where the queue does not answer: parts may be listed that somebody works on. */
export function queueRemarks(now: BuildNow | null): string[] {
  return now === null || now.queue.problem === null ? [] : [now.queue.problem.message];
}
