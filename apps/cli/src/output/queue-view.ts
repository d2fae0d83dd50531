import type { BuildRecord } from "@shardmill/core";
import { Failure } from "@shardmill/core";
import { noQueue, type QueueView } from "@shardmill/pipeline/status";
import type { BuildJobs, MillQueue } from "@shardmill/queue";
import type { Records } from "@shardmill/store";
import type { Settings } from "../context/settings.ts";

/** The queue of a build that runs now: REDIS_URL, else the address that its owner left in the output folder. Null: none. */
export async function joinQueue(
  settings: Settings,
  records: Records,
  use: "write" | "read",
): Promise<MillQueue | null> {
  const url = settings.redisUrl ?? (await records.readQueueAddress())?.url ?? null;
  if (url === null) return null;
  const { connectQueue } = await import("@shardmill/queue");
  try {
    const how = settings.redisUrl === null ? "own" : use;
    return await connectQueue({ url, use: how, connectWithinMs: 2_000 });
  } catch (error) {
    // An address that a dead owner left behind, where somebody else may be by now; with REDIS_URL the user named it, and
    // should know.
    if (settings.redisUrl === null && error instanceof Failure && leftBehind.has(error.code)) return null;
    throw error;
  }
}

const leftBehind: ReadonlySet<string> = new Set(["queue_unreachable", "queue_unfit"]);

/** Which parts the queue is working on. */
export async function viewQueue(
  settings: Settings,
  records: Records,
  build: BuildRecord,
): Promise<QueueView> {
  return (await lookAtQueue(settings, records, build)).view;
}

/** Also the workers that take no job of the build, since their versions are not its own. */
export async function lookAtQueue(
  settings: Settings,
  records: Records,
  { build }: BuildRecord,
): Promise<{ view: QueueView; refusing: { worker: string; why: string }[] }> {
  const queue = await joinQueue(settings, records, "read");
  if (queue === null) return { view: noQueue, refusing: [] };
  try {
    const [jobs, workers] = await Promise.all([queue.jobsOf(build), queue.workers()]);
    const refusing = workers.flatMap(({ worker, refuses }) =>
      refuses.flatMap((refusal) => (refusal.build === build ? [{ worker, why: refusal.why }] : [])),
    );
    return { view: queueViewOf(jobs), refusing };
  } finally {
    await queue.close();
  }
}

/** Whether anything of a build is still to be done, or is being done. */
export function isUnderWay({ active, waiting, delayed, parked }: BuildJobs): boolean {
  return active.length + waiting.length + delayed.length + parked.length > 0;
}

export function queueViewOf(jobs: BuildJobs): QueueView {
  const labels = (refs: readonly { label: string | null }[]): Set<string> =>
    new Set(refs.flatMap(({ label }) => (label === null ? [] : [label])));
  const running = labels(jobs.active);
  // A part whose job waits for its shards is running as soon as one of them is, and queued until then.
  return { running, queued: labels([...jobs.waiting, ...jobs.delayed, ...jobs.parked]) };
}
