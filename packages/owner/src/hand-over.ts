import { Failure, systemClock, unlessAborted } from "@shardmill/core";
import type { BuildJobs, JobProgress, MillQueue } from "@shardmill/queue";
import { acquireBuildLock, type BuildLock, type QueueAddress, readBuildOwner } from "@shardmill/store";
import { addRun } from "./add-run.ts";
import { hasEnded } from "./attend-runs.ts";
import { isUnderWay } from "./join-queue.ts";
import { listenTo } from "./listen-to.ts";
import type { Ears, HowEnded, OwnBuild } from "./owned-build.ts";
import { dropRun, isKept, type KeptRun } from "./runs.ts";

/** The queue of whoever owns the build. */
export interface Host {
  readonly address: QueueAddress;
  readonly queue: MillQueue;
}

/** The owner had gone, or has gone since: this process is the owner now, or another one with another queue is. */
type OwnerGone = { readonly kind: "owner"; readonly lock: BuildLock } | { readonly kind: "again" };

/** Adds the parts to the build of another owner, and watches until they have ended. */
export async function handOver(order: OwnBuild, ears: Ears, host: Host): Promise<HowEnded | OwnerGone> {
  const { records, build, parts, signal, as, thenRoots } = order;
  const { address, queue } = host;
  const outlivesOwner = as === "service" || address.owner === "service";
  const stopListening = listenTo(queue, build.build, ears);
  try {
    await records.writeBuild(build);
    const what = { build, parts, outlivesOwner, thenRoots };
    const { run, atWork } = await unlessAborted(addRun(records, queue, what), signal);
    // One that ended meanwhile has not seen it.
    const lock = await lockOfNobody(order);
    if (lock !== null) return takeOver(order, run, lock);
    // Not before it is: whoever reads it may go.
    const owner = await readBuildOwner(records);
    if (owner !== null) ears.events.push({ kind: "handed", pid: owner.pid, host: owner.host });
    if (atWork > 0) ears.events.push({ kind: "at-work", parts: atWork });
    ears.tell({ isOwner: false, run });
    return await watch(order, ears, host, run);
  } finally {
    await stopListening();
    await queue.close();
  }
}

/** What was handed to the one who has gone is asked for anew. */
async function takeOver(
  { records }: OwnBuild,
  run: KeptRun | null,
  lock: BuildLock | null,
): Promise<OwnerGone> {
  if (run !== null) await dropRun(records, run);
  return lock === null ? { kind: "again" } : { kind: "owner", lock };
}

/** Null where somebody has it. */
export async function lockOfNobody({ records, build }: OwnBuild): Promise<BuildLock | null> {
  try {
    return await acquireBuildLock(records, { build: build.build });
  } catch (error) {
    if (error instanceof Failure && error.code === "build_locked") return null;
    throw error;
  }
}

const lookEveryMs = 500;
/** A private queue that ends with its owner would otherwise be waited for. */
const answerWithinMs = 3_000;

async function watch(
  order: OwnBuild,
  { events }: Ears,
  { queue, address }: Host,
  run: KeptRun | null,
): Promise<HowEnded | OwnerGone> {
  const { records, build, signal } = order;
  for (;;) {
    const seen = await ask(queue, build.build, signal);
    if (seen !== null) {
      const { jobs, progress } = seen;
      events.push({ kind: "look", jobs, progress });
      if (seen.isCancelled) return { kind: "cancelled" };
      if (run === null ? !isUnderWay(jobs) : hasEnded(jobs, run)) return { kind: "ended" };
    }
    // The owner takes away what has ended, perhaps between two looks.
    if (run !== null && !(await isKept(records, run))) return { kind: "ended" };
    const gone = await goneOwner(order, address, seen === null);
    if (gone !== null) return takeOver(order, run, gone.lock);
    await systemClock.sleep(lookEveryMs, signal);
  }
}

/** The lock, where nobody has it any more; none where another owner has another queue; null where the owner is there. */
async function goneOwner(
  order: OwnBuild,
  { url }: QueueAddress,
  isSilent: boolean,
): Promise<{ readonly lock: BuildLock | null } | null> {
  const owner = await readBuildOwner(order.records);
  const lock = owner === null || owner.state === "dead" ? await lockOfNobody(order) : null;
  if (lock !== null) return { lock };
  const isMoved = isSilent && (await order.records.readQueueAddress())?.url !== url;
  return isMoved ? { lock } : null;
}

/** Null when the answer does not come in time. */
async function ask(
  queue: MillQueue,
  build: string,
  signal: AbortSignal,
): Promise<{ jobs: BuildJobs; progress: readonly JobProgress[]; isCancelled: boolean } | null> {
  const look = async () => {
    const [jobs, progress, control] = await Promise.all([
      queue.jobsOf(build),
      queue.progressOf(build),
      queue.control(build),
    ]);
    return { jobs, progress, isCancelled: control === "cancel" };
  };
  const late = AbortSignal.timeout(answerWithinMs);
  try {
    return await unlessAborted(look(), AbortSignal.any([signal, late]));
  } catch (error) {
    if (late.aborted && !signal.aborted) return null;
    throw error;
  }
}
