import type { OpenQueue } from "../jobs/open-queue.ts";
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
export async function workers(queue: OpenQueue): Promise<WorkerBeat[]> {
  const names = (await queue.redis.smembers(queue.keys.workers)).sort();
  if (names.length === 0) return [];
  const texts = await queue.redis.mget(names.map(queue.keys.beat));
  const gone = names.filter((_, index) => texts[index] === null);
  // Tidying up can wait for a server that takes no writes now.
  if (gone.length > 0) await queue.redis.srem(queue.keys.workers, ...gone).catch(queue.onError);
  return texts.flatMap((text) => {
    const parsed = workerBeatSchema.safeParse(text === null ? null : parseJson(text));
    return parsed.success ? [parsed.data] : [];
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
