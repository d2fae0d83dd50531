import type { OpenQueue } from "../jobs/open-queue.ts";
import { living } from "./living.ts";
import { type WorkerBeat, type WorkerBeatInput, workerBeatSchema } from "./worker-beat.ts";

/** Redis lets a beat expire, so that no two machines' clocks have to agree. */
export async function beat(queue: OpenQueue, one: WorkerBeatInput): Promise<void> {
  if (queue.redis.status !== "ready") return;
  const text = JSON.stringify(workerBeatSchema.parse(one));
  await queue.redis
    .pipeline()
    .set(queue.keys.beat(one.worker), text, "PX", queue.settings.beatTtlMs)
    .sadd(queue.keys.workers, one.worker)
    .exec();
}

/** The workers that beat within `beatTtlMs`, by name. */
export function workers(queue: OpenQueue): Promise<WorkerBeat[]> {
  return living(queue, { names: queue.keys.workers, keyOf: queue.keys.beat, schema: workerBeatSchema });
}
