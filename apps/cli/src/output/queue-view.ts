import { type BuildRecord, Failure } from "@shardmill/core";
import { noQueue, type QueueView } from "@shardmill/pipeline/status";
import type { Records } from "@shardmill/store";
import type { Settings } from "../context/settings.ts";

interface QueueNow {
  /** Which parts the queue is working on. */
  readonly view: QueueView;
  /** The oldest run of which jobs wait or run. */
  readonly oldestRun: number | null;
  /** Workers that take no job of the build, since their versions or their output are not its own. */
  readonly refusing: readonly { readonly worker: string; readonly code: string; readonly why: string }[];
  /** Why its queue cannot be asked: who is at work is then told by the records alone. */
  readonly problem: Failure | null;
}

const nothingSeen: QueueNow = { view: noQueue, oldestRun: null, refusing: [], problem: null };

/** Where no queue can be joined, nothing is loaded for it; where there is one that does not answer, the records tell. */
export async function lookAtQueue(
  { redisUrl }: Settings,
  records: Records,
  { build }: BuildRecord,
): Promise<QueueNow> {
  if (redisUrl === null && (await records.readQueueAddress()) === null) return nothingSeen;
  const { isOutOfReach, joinQueue, partsAtWork } = await import("@shardmill/owner/join");
  const queue = await joinQueue(records, redisUrl, "read").catch((error: unknown) => {
    if (isOutOfReach(error)) return error;
    throw error;
  });
  if (queue === null) return nothingSeen;
  if (queue instanceof Failure) {
    const view = await partsAtWork(records, null);
    return { ...nothingSeen, view, oldestRun: view.oldestRun, problem: queue };
  }
  try {
    const [jobs, workers] = await Promise.all([queue.jobsOf(build), queue.workers()]);
    const refusing = workers.flatMap(({ worker, refuses }) =>
      refuses.flatMap((refusal) => (refusal.build === build ? [{ worker, ...refusal }] : [])),
    );
    const view = await partsAtWork(records, jobs);
    return { view, oldestRun: view.oldestRun, refusing, problem: null };
  } finally {
    await queue.close();
  }
}
