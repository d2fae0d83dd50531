import { type Control, Failure } from "@shardmill/core";
import type { Stop } from "../mill-queue.ts";
import { parseJobId } from "./job-ids.ts";
import type { OpenQueue } from "./open-queue.ts";
import { removeIdleJobs } from "./remove-build.ts";

/** Sets it unless the server's own clock has passed the deadline: what was refused meanwhile must not be done when it is back. */
const steerScript = `
local now = redis.call("TIME")
if now[1] * 1000 + math.floor(now[2] / 1000) > tonumber(ARGV[3]) then return 0 end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
return 1`;

/** Whoever steers is answered within two seconds. */
const steerWithinMs = 1_800;
/** What the server does, it has done this long before whoever waits for it gives up. */
const replyMs = 300;
const followMs = 2_000;

/**
 * What a person has asked of a build lies in one hash; a message tells that it changed, and everyone reads the hash.
 * A lost message costs `controlPollMs`. No entry means `run`, as far as nobody knows better (owner: the pause beside the
 * records). Fails with `queue_unreachable` or `queue_unfit` when it is not taken in time, and then it never is.
 */
export function setControl(queue: OpenQueue, build: string, control: Control): Promise<void> {
  return steer(queue, { build, label: null }, control);
}

/** The same of one part of it; what is asked of the whole build outweighs it. */
export function setPartControl(
  queue: OpenQueue,
  { build, label }: { readonly build: string; readonly label: string },
  control: Control,
): Promise<void> {
  return steer(queue, { build, label }, control);
}

/** A build, or one part of it. */
interface Target {
  readonly build: string;
  readonly label: string | null;
}

/** No build's name holds a space. */
function fieldOf({ build, label }: Target): string {
  return label === null ? build : `${build} ${label}`;
}

async function steer(queue: OpenQueue, target: Target, control: Control): Promise<void> {
  const until = performance.now() + steerWithinMs;
  await inTime(queue, until, async () => {
    const [seconds = 0, micros = 0] = (await queue.redis.time()).map(Number);
    const serverMs = seconds * 1_000 + micros / 1_000;
    const deadline = Math.floor(serverMs + until - performance.now() - replyMs);
    const field = fieldOf(target);
    const taken = await queue.redis.eval(steerScript, 1, queue.keys.control, field, control, deadline);
    if (taken !== 1) throw unreachable(queue);
  });
  await followed(queue, follow(queue, target, control));
}

async function follow(queue: OpenQueue, target: Target, control: Control): Promise<void> {
  await queue.redis.publish(queue.keys.controlChannel, target.build);
  if (control === "run") await wakePaused(queue, target);
  if (control === "cancel") await removeIdleJobs(queue, target, () => asksCancel(queue, target));
}

async function asksCancel(queue: OpenQueue, target: Target): Promise<boolean> {
  return (await queue.redis.hget(queue.keys.control, fieldOf(target))) === "cancel";
}

/** It has been taken: what follows from it is waited for as long as the server answers. */
async function followed(queue: OpenQueue, following: Promise<void>): Promise<void> {
  let isDone = false;
  const end = following.catch(queue.onError).finally(() => {
    isDone = true;
  });
  while (!isDone) {
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, followMs).unref())]);
    if (isDone || queue.redis.status !== "ready") return;
    const answer = await Promise.race([
      queue.redis.ping().catch(() => null),
      new Promise<null>((resolve) => setTimeout(() => resolve(null), followMs).unref()),
    ]);
    if (answer === null) return;
  }
}

async function inTime<T>(queue: OpenQueue, until: number, ask: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(unreachable(queue)), Math.max(0, until - performance.now()));
  });
  try {
    return await Promise.race([queue.patience.through(ask, queue.patience.lasting), late]);
  } finally {
    clearTimeout(timer);
  }
}

function unreachable({ patience, address }: OpenQueue): Failure {
  const why = patience.refusal;
  if (why !== null) return new Failure("queue_unfit", why, { where: { url: address } });
  const message = `Redis at ${address}: expected an answer within 2 s, found none; nothing was changed`;
  return new Failure("queue_unreachable", message, { where: { url: address } });
}

export async function readControl(queue: OpenQueue, build: string): Promise<Control> {
  return (await askedControl(queue, build)) ?? "run";
}

/** Of a job of this part, or of the build's own: a cancel of either outweighs a pause of the other. */
export async function readJobControl(
  queue: OpenQueue,
  build: string,
  label: string | null,
): Promise<Control> {
  if (label === null) return readControl(queue, build);
  const [whole, part] = await queue.redis.hmget(queue.keys.control, build, fieldOf({ build, label }));
  const asked = [parseControl(whole), parseControl(part)];
  return asked.includes("cancel") ? "cancel" : asked.includes("pause") ? "pause" : "run";
}

/** What was asked of parts of a build, by label; of the others nothing was. */
export async function readPartControls(queue: OpenQueue, build: string): Promise<Map<string, Control>> {
  const prefix = `${build} `;
  const all = Object.entries(await queue.redis.hgetall(queue.keys.control));
  return new Map(
    all.flatMap(([field, text]) =>
      field.startsWith(prefix) ? [[field.slice(prefix.length), parseControl(text)] as const] : [],
    ),
  );
}

/** Nothing of these parts is left to be steered. */
export async function forgetPartControls(
  queue: OpenQueue,
  build: string,
  labels: readonly string[],
): Promise<void> {
  if (labels.length === 0) return;
  await queue.redis.hdel(queue.keys.control, ...labels.map((label) => fieldOf({ build, label })));
}

/** Null where this queue has not been told anything, or has forgotten it. */
export async function askedControl(queue: OpenQueue, build: string): Promise<Control | null> {
  const text = await queue.redis.hget(queue.keys.control, build);
  return text === null ? null : parseControl(text);
}

export async function watchControl(
  queue: OpenQueue,
  build: string | null,
  onChange: (build: string, control: Control, label: string | null) => void,
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
    for (const field of changed) {
      const [name = "", label = null] = field.split(" ");
      if (!stopped) onChange(name, now.get(field) ?? "run", label);
    }
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
async function wakePaused(queue: OpenQueue, { build, label }: Target): Promise<void> {
  const all = await queue.redis.smembers(queue.keys.paused(build));
  // In the order of parts and ranges, and all at once: what waits is taken meanwhile.
  const ids = all.filter((id) => label === null || parseJobId(id)?.label === label).sort();
  for (let at = 0; at < ids.length; at += wokenAtOnce)
    await Promise.all(ids.slice(at, at + wokenAtOnce).map((id) => wakeJob(queue, build, id)));
}

const wokenAtOnce = 200;

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
