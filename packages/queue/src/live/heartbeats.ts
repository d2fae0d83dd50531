import type { OpenQueue } from "../jobs/open-queue.ts";
import { asMachines } from "./as-machines.ts";
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

/** A name that no process has again is forgotten by itself. */
const restsForS = 30 * 86_400;

/** Tells a worker to take no new job, or to take them again; what it has in hand it ends in any case. */
export async function setRest(queue: OpenQueue, worker: string, rests: boolean): Promise<void> {
  const key = queue.keys.rest(worker);
  await (rests ? queue.redis.set(key, "1", "EX", restsForS) : queue.redis.del(key));
}

export async function isToRest(queue: OpenQueue, worker: string): Promise<boolean> {
  return (await queue.redis.exists(queue.keys.rest(worker))) === 1;
}

/** The workers that beat within `beatTtlMs`, by name; processes that are one worker as one. */
export async function workers(queue: OpenQueue): Promise<WorkerBeat[]> {
  const place = { names: queue.keys.workers, keyOf: queue.keys.beat, schema: workerBeatSchema };
  return asMachines(await living(queue, place));
}
