import type { Job } from "bullmq";
import { planPriority } from "./enqueue-build.ts";
import { shardJobId } from "./job-ids.ts";
import { jobOptions } from "./job-options.ts";
import type { OpenQueue } from "./open-queue.ts";
import { type PartTask, type ShardJob, shardJobSchema, type Task } from "./payloads.ts";

const batchSize = 500;

/**
 * Hangs shards under the part's job. A plan that was cut off runs again and adds the same ids: those are left as they are.
 * One trap: adding a child that has failed for good makes BullMQ wait for it for ever, so such a one is left out, and one
 * that fails while we add it is taken off again.
 */
export async function addShards(
  queue: OpenQueue,
  parent: Job,
  part: PartTask,
  shards: readonly ShardJob[],
): Promise<void> {
  for (let at = 0; at < shards.length; at += batchSize) {
    await addBatch(queue, parent, part, shards.slice(at, at + batchSize));
  }
}

async function addBatch(
  queue: OpenQueue,
  parent: Job,
  part: PartTask,
  shards: readonly ShardJob[],
): Promise<void> {
  const wanted = shards.map((shard) => shardJobSchema.parse(shard));
  const idOf = (range: string): string => shardJobId(part.build, part.label, range, part.run);
  const found = await Promise.all(wanted.map(({ range }) => queue.mill.getJob(idOf(range))));
  const hasFailed = await Promise.all(found.map(async (job) => (await job?.isFailed()) ?? false));
  const { build, run, dataset, label, subset, part: number } = part;
  // In the order of their parts, also when some were put off and come back.
  const priority = 1 + Math.max(0, (parent.opts.priority ?? 0) - planPriority);
  await queue.mill.addBulk(
    wanted
      .filter((_, index) => hasFailed[index] !== true)
      .map(({ range, payload }) => {
        const data: Task = { step: "mill", build, run, dataset, label, subset, part: number, range, payload };
        return {
          name: "mill",
          data,
          opts: {
            ...jobOptions(queue),
            jobId: idOf(range),
            priority,
            parent: { id: parent.id ?? "", queue: parent.queueQualifiedName },
            ignoreDependencyOnFailure: true,
          },
        };
      }),
  );
  for (const [index, job] of found.entries()) {
    if (job !== undefined && hasFailed[index] !== true && (await job.isFailed())) {
      await job.removeChildDependency();
    }
  }
}
