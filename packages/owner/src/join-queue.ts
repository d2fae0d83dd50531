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
 * (null: not set). Null where there is none to be joined. Fails with `queue_unreachable` where there is one and it does not
 * answer: what a person asks of a build must not be taken for asked of none.
 */
export async function joinQueue(
  records: Records,
  redisUrl: string | null,
  use: "write" | "read",
): Promise<MillQueue | null> {
  const address = await records.readQueueAddress();
  const isOther = address !== null && address.url !== redisUrl;
  const left = isOther && !(await hasEndedWithOwner(records, address)) ? address : null;
  let silent: Failure | null = null;
  if (left !== null) {
    const queue = await connectTo(left).catch((error: unknown) => {
      if (!isOutOfReach(error)) throw error;
      silent = error;
      return null;
    });
    if (queue !== null && (redisUrl === null || isUnderWay(await queue.jobsOf(left.build)))) return queue;
    await queue?.close();
  }
  if (redisUrl === null) {
    if (silent !== null) throw silent;
    return null;
  }
  // The user named it, and is told where it does not answer.
  const named = await connectQueue({ url: redisUrl, use, connectWithinMs: answerWithinMs });
  if (silent === null || left === null || isUnderWay(await named.jobsOf(left.build))) return named;
  await named.close();
  throw silent;
}

/** Null for an address that a dead owner left behind, where nobody answers, or somebody else by now. */
export async function joinAddress(records: Records, address: QueueAddress): Promise<MillQueue | null> {
  if (await hasEndedWithOwner(records, address)) return null;
  try {
    return await connectTo(address);
  } catch (error) {
    if (isOutOfReach(error)) return null;
    throw error;
  }
}

/**
 * Whether the address is of a private queue whose owner has gone: whatever answers there now is another one. That of a build
 * into a bucket lies on its owner's machine: somebody elsewhere who owns the build now leaves it there.
 */
export async function hasEndedWithOwner(records: Records, { isPrivate }: QueueAddress): Promise<boolean> {
  if (!isPrivate) return false;
  const state = (await readBuildOwner(records))?.state;
  return records.store.conditional === null ? state === "dead" : state !== "alive";
}

/** Fails with `queue_unreachable` or `queue_unfit` when the queue does not answer soon. */
export function connectTo({ url }: QueueAddress): Promise<MillQueue> {
  return connectQueue({ url, use: "own", connectWithinMs: answerWithinMs });
}

export function isOutOfReach(error: unknown): error is Failure {
  return error instanceof Failure && outOfReach.has(error.code);
}

const answerWithinMs = 1_800;
const outOfReach: ReadonlySet<string> = new Set(["queue_unreachable", "queue_unfit"]);
