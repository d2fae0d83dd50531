import type { Control } from "@shardmill/core";
import type { Stop } from "../mill-queue.ts";
import type { OpenQueue } from "./open-queue.ts";
import { removeIdleJobs } from "./remove-build.ts";

/**
 * What a person has asked of a build lies in one hash; a message tells that it changed, and everyone reads the hash.
 * A lost message costs `controlPollMs`. No entry means `run`.
 */
export async function setControl(queue: OpenQueue, build: string, control: Control): Promise<void> {
  if (control === "run") await queue.redis.hdel(queue.keys.control, build);
  else await queue.redis.hset(queue.keys.control, build, control);
  await queue.redis.publish(queue.keys.controlChannel, build);
  if (control === "run") await wakePaused(queue, build);
  if (control === "cancel") await removeIdleJobs(queue, build);
}

export async function readControl(queue: OpenQueue, build: string): Promise<Control> {
  return parseControl(await queue.redis.hget(queue.keys.control, build));
}

export async function watchControl(
  queue: OpenQueue,
  build: string | null,
  onChange: (build: string, control: Control) => void,
): Promise<Stop> {
  let known = new Map<string, Control>();
  let reading: Promise<void> = Promise.resolve();
  let stopped = false;
  const read = async (): Promise<void> => {
    if (stopped) return;
    const all = await queue.redis.hgetall(queue.keys.control);
    const now = new Map(
      Object.entries(all)
        .filter(([name]) => build === null || name === build)
        .map(([name, text]) => [name, parseControl(text)] as const),
    );
    const changed = [...new Set([...known.keys(), ...now.keys()])].filter(
      (name) => (known.get(name) ?? "run") !== (now.get(name) ?? "run"),
    );
    known = now;
    for (const name of changed) if (!stopped) onChange(name, now.get(name) ?? "run");
  };
  let queued = false;
  const refresh = (): void => {
    // While the server is away, one reading waits; more of them would only pile up.
    if (queued) return;
    queued = true;
    reading = reading
      .then(() => {
        queued = false;
        return read();
      })
      .catch(queue.onError);
  };
  const stopListening = await queue.patience.through(() =>
    queue.subscriptions.listen(queue.keys.controlChannel, refresh, refresh),
  );
  const poll = setInterval(refresh, queue.settings.controlPollMs);
  refresh();
  await reading;
  return async () => {
    stopped = true;
    clearInterval(poll);
    await stopListening();
  };
}

/** Jobs that a pause put off wait in the delayed set; their ids are kept so that only they are woken. */
async function wakePaused(queue: OpenQueue, build: string): Promise<void> {
  const ids = await queue.redis.smembers(queue.keys.paused(build));
  for (const id of ids) await wakeJob(queue, build, id);
}

export async function wakeJob(queue: OpenQueue, build: string, id: string): Promise<void> {
  for (const each of [queue.plan, queue.mill]) {
    const job = await each.getJob(id);
    // It may have been woken by its own clock in between; then there is nothing to promote.
    if (job !== undefined && (await job.isDelayed())) await job.promote().catch(() => {});
  }
  await queue.redis.srem(queue.keys.paused(build), id);
}

function parseControl(text: string | null | undefined): Control {
  return text === "pause" || text === "cancel" ? text : "run";
}
