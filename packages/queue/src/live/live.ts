import type { Json } from "@shardmill/core";
import { z } from "zod";
import type { OpenQueue } from "../jobs/open-queue.ts";
import type { JobProgress, Stop } from "../mill-queue.ts";
import { type JobEvent, jobEventSchema } from "./job-event.ts";
import { living, parseJson } from "./living.ts";

/** Live events are lossy and small; what a late reader needs is kept beside them, and the truth is in the records. */
export async function publish(queue: OpenQueue, event: JobEvent): Promise<boolean> {
  // While Redis is away, commands pile up in memory; what may be lost is not added to them.
  if (queue.redis.status !== "ready") return false;
  const text = JSON.stringify(event);
  if (Buffer.byteLength(text) > queue.settings.eventMaxBytes) return false;
  await queue.redis.publish(queue.keys.liveChannel, text);
  return true;
}

export function subscribe(queue: OpenQueue, onEvent: (event: JobEvent) => void): Promise<Stop> {
  const listener = (text: string): void => {
    const parsed = jobEventSchema.safeParse(parseJson(text));
    if (parsed.success) onEvent(parsed.data);
  };
  return queue.patience.through(() => queue.subscriptions.listen(queue.keys.liveChannel, listener));
}

const progressSchema = z.object({
  label: z.string().nullable(),
  range: z.string().nullable(),
  worker: z.string(),
  step: z.enum(["seal", "plan", "finish", "mill"]),
  progress: z.json(),
});

export async function keepProgress(
  queue: OpenQueue,
  job: { id: string; build: string },
  progress: JobProgress & { progress: Json },
): Promise<void> {
  if (queue.redis.status !== "ready") return;
  const text = JSON.stringify(progress);
  if (Buffer.byteLength(text) > queue.settings.eventMaxBytes) return;
  const ttl = queue.settings.progressTtlMs;
  await queue.redis
    .pipeline()
    .set(queue.keys.progress(job.id), text, "PX", ttl)
    .sadd(queue.keys.progressIds(job.build), job.id)
    .pexpire(queue.keys.progressIds(job.build), ttl)
    .exec();
}

export async function forgetProgress(queue: OpenQueue, job: { id: string; build: string }): Promise<void> {
  await queue.redis
    .pipeline()
    .del(queue.keys.progress(job.id))
    .srem(queue.keys.progressIds(job.build), job.id)
    .exec();
}

export function progressOf(queue: OpenQueue, build: string): Promise<JobProgress[]> {
  const { progress: keyOf, progressIds } = queue.keys;
  return living(queue, { names: progressIds(build), keyOf, schema: progressSchema });
}
