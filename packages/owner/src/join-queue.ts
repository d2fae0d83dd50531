import { Failure } from "@shardmill/core";
import { type BuildJobs, connectQueue, type MillQueue } from "@shardmill/queue";
import { type QueueAddress, type Records, readBuildOwner } from "@shardmill/store";

/** Labels of parts that a queue is working on, or will. */
interface PartsInQueue {
  readonly running: ReadonlySet<string>;
  readonly queued: ReadonlySet<string>;
}

/** A part whose job waits for its shards is running as soon as one of them is, and queued until then. */
export function partsInQueue(jobs: BuildJobs): PartsInQueue {
  const labels = (refs: readonly { label: string | null }[]): Set<string> =>
    new Set(refs.flatMap(({ label }) => (label === null ? [] : [label])));
  const running = labels(jobs.active);
  const queued = labels([...jobs.waiting, ...jobs.delayed, ...jobs.parked]);
  for (const label of running) queued.delete(label);
  return { running, queued };
}

/** Whether anything of a build is still to be done, or is being done. */
export function isUnderWay({ active, waiting, delayed, parked }: BuildJobs): boolean {
  return active.length + waiting.length + delayed.length + parked.length > 0;
}

/**
 * The queue of a build that runs now: the one whose address its owner left in the output folder, else that of REDIS_URL
 * (null: not set). Null where there is none to be joined.
 */
export async function joinQueue(
  records: Records,
  redisUrl: string | null,
  use: "write" | "read",
): Promise<MillQueue | null> {
  const address = await records.readQueueAddress();
  if (address !== null && address.url !== redisUrl) {
    const queue = await joinAddress(records, address);
    if (queue !== null && (redisUrl === null || isUnderWay(await queue.jobsOf(address.build)))) return queue;
    await queue?.close();
  }
  // The user named it, and is told where it does not answer.
  return redisUrl === null ? null : connectQueue({ url: redisUrl, use, connectWithinMs: answerWithinMs });
}

/** Null for an address that a dead owner left behind, where nobody answers, or somebody else by now. */
export async function joinAddress(records: Records, address: QueueAddress): Promise<MillQueue | null> {
  if (address.isPrivate && (await readBuildOwner(records))?.state === "dead") return null;
  try {
    return await connectQueue({ url: address.url, use: "own", connectWithinMs: answerWithinMs });
  } catch (error) {
    if (error instanceof Failure && leftBehind.has(error.code)) return null;
    throw error;
  }
}

const answerWithinMs = 2_000;
const leftBehind: ReadonlySet<string> = new Set(["queue_unreachable", "queue_unfit"]);
