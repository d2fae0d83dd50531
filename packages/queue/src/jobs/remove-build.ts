import type { JobRef } from "./job-ids.ts";
import { jobsOf, queueOf } from "./jobs-of.ts";
import type { OpenQueue } from "./open-queue.ts";

/**
 * Removes the jobs of a build, or of one part of it, that no worker holds: shards first, so that no part is released by the loss of its shards
 * and no build by the loss of its parts. What a worker takes in between, it drops by itself when the build is cancelled.
 */
export async function removeIdleJobs(
  queue: OpenQueue,
  { build, label }: { readonly build: string; readonly label: string | null },
  isStillAsked: () => Promise<boolean>,
): Promise<void> {
  const jobs = await jobsOf(queue, build);
  // Asked for long ago, while the server was away: what has been added since is none of it.
  if (!(await isStillAsked())) return;
  const idle = [...jobs.waiting, ...jobs.delayed, ...jobs.parked].filter(
    (job) => label === null || job.label === label,
  );
  await removeJobs(queue, bottomUp(idle));
  if (label === null) await queue.redis.del(queue.keys.paused(build));
  else if (idle.length > 0) await queue.redis.srem(queue.keys.paused(build), ...idle.map(({ id }) => id));
}

/** Everything of a build, running jobs included: their workers lose the lock, abort, and leave no trace. */
export async function removeBuild(queue: OpenQueue, build: string): Promise<void> {
  await queue.redis.hset(queue.keys.control, build, "cancel");
  await queue.redis.publish(queue.keys.controlChannel, build);
  for (let pass = 0; pass < 10; pass += 1) {
    const jobs = await jobsOf(queue, build);
    const all = bottomUp(Object.values(jobs).flat());
    if (all.length === 0) break;
    for (const ref of jobs.active) {
      await queue.redis.del(queue.keys.lock(queueOf(queue, ref).name, ref.id));
    }
    await removeJobs(queue, all);
  }
  const ids = await queue.redis.smembers(queue.keys.progressIds(build));
  await queue.redis.del(
    ...ids.map(queue.keys.progress),
    queue.keys.progressIds(build),
    queue.keys.paused(build),
  );
  const fields = await queue.redis.hkeys(queue.keys.control);
  const own = fields.filter((field) => field === build || field.startsWith(`${build} `));
  if (own.length > 0) await queue.redis.hdel(queue.keys.control, ...own);
  await queue.redis.hdel(queue.keys.marks, build);
}

const depth = { shard: 0, part: 1, build: 2 } as const;

function bottomUp(refs: readonly JobRef[]): JobRef[] {
  return [...refs].sort((a, b) => depth[a.what] - depth[b.what]);
}

async function removeJobs(queue: OpenQueue, refs: readonly JobRef[]): Promise<void> {
  // Refused for a job that a worker has just taken; whoever needs it gone looks again.
  for (const ref of refs) await queueOf(queue, ref).remove(ref.id, { removeChildren: false });
}
