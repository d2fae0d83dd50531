import type { BuildRecord } from "@shardmill/core";
import { oldestRunOf } from "@shardmill/owner/time";
import { noQueue, type QueueView } from "@shardmill/pipeline/status";
import type { Records } from "@shardmill/store";
import type { Settings } from "../context/settings.ts";

interface QueueNow {
  /** Which parts the queue is working on. */
  readonly view: QueueView;
  /** The oldest run of which jobs wait or run. */
  readonly oldestRun: number | null;
  /** Workers that take no job of the build, since their versions are not its own. */
  readonly refusing: readonly { readonly worker: string; readonly why: string }[];
}

const nothingSeen: QueueNow = { view: noQueue, oldestRun: null, refusing: [] };

/** Where no queue can be joined, nothing is loaded for it. */
export async function lookAtQueue(
  { redisUrl }: Settings,
  records: Records,
  { build }: BuildRecord,
): Promise<QueueNow> {
  if (redisUrl === null && (await records.readQueueAddress()) === null) return nothingSeen;
  const { joinQueue, partsInQueue } = await import("@shardmill/owner/join");
  const queue = await joinQueue(records, redisUrl, "read");
  if (queue === null) return nothingSeen;
  try {
    const [jobs, workers] = await Promise.all([queue.jobsOf(build), queue.workers()]);
    const refusing = workers.flatMap(({ worker, refuses }) =>
      refuses.flatMap((refusal) => (refusal.build === build ? [{ worker, why: refusal.why }] : [])),
    );
    return { view: partsInQueue(jobs), oldestRun: oldestRunOf(jobs), refusing };
  } finally {
    await queue.close();
  }
}
