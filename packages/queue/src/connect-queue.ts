import { Failure, unlessAborted } from "@shardmill/core";
import { FlowProducer, Queue } from "bullmq";
import {
  askedControl,
  forgetPartControls,
  readControl,
  readPartControls,
  setControl,
  setPartControl,
  watchControl,
} from "./jobs/control.ts";
import { ensureParts } from "./jobs/enqueue-build.ts";
import { jobsOf, roleCounts } from "./jobs/jobs-of.ts";
import type { OpenQueue } from "./jobs/open-queue.ts";
import { removeBuild } from "./jobs/remove-build.ts";
import { beat, isToRest, setRest, workers } from "./live/heartbeats.ts";
import { progressOf, publish, subscribe } from "./live/live.ts";
import { Subscriptions } from "./live/subscriptions.ts";
import type { MillQueue } from "./mill-queue.ts";
import { defaultQueueSettings, type QueueSettings } from "./queue-settings.ts";
import { addressWithoutPassword, connectRedis } from "./redis/connect-redis.ts";
import { lookAtServer } from "./redis/look-at-server.ts";
import { Patience } from "./redis/patience.ts";
import { millQueueName, planQueueName, redisKeys } from "./redis/redis-keys.ts";
import { shownError, withoutSecrets } from "./redis/redis-secrets.ts";
import { refusalAtStart, replyCode, unfit } from "./redis/server-refusal.ts";
import { redisRateGate } from "./worker/rate-gate.ts";
import { runWorker } from "./worker/run-worker.ts";

export interface ConnectOptions extends Partial<QueueSettings> {
  /** `redis://[:password@]host:port`. */
  readonly url: string;
  readonly signal?: AbortSignal;
  /** For the log: a lost connection or a lost lock. They heal by themselves. */
  readonly onError?: (error: Error) => void;
  /**
   * Told in one line why the server answers and refuses (it is full, read-only, loading) when that begins, and null when
   * it has ended. Whoever asks something of the queue waits meanwhile.
   */
  readonly onRefusal?: (why: string | null) => void;
  /**
   * `read` for those who only look: a server that takes no writes is good enough. `own` for a private server that
   * `startEmbeddedRedis` has started, which is fit as it is. Default `write`.
   */
  readonly use?: "write" | "read" | "own";
}

/** Opens the queue, or fails in one line when Redis does not answer or cannot hold it. Once open, it survives any outage. */
export async function connectQueue(options: ConnectOptions): Promise<MillQueue> {
  const { url, signal, onError: report = () => {}, onRefusal, use = "write", ...given } = options;
  const settings: QueueSettings = Object.freeze({ ...defaultQueueSettings, ...given });
  const stop = signal ?? new AbortController().signal;
  const address = addressWithoutPassword(url);
  const asked = { url, withinMs: settings.connectWithinMs, signal: stop, onError: report };
  const { prefix } = settings;
  const { evicts } =
    use === "own" ? { evicts: null } : await lookAtServer({ ...asked, address, prefix, use, onRefusal });
  const redis = await connectRedis(asked);
  const patience = new Patience(redis, { address, prefix, onRefusal });
  // What the server refuses is said once; every command would say it again.
  const onError = (error: Error): void => {
    const shown = shownError(error, url);
    patience.hear(shown).then((isRefusal) => isRefusal || report(shown), report);
  };
  // BullMQ reads the version to print its own lines about a policy that evicts; they are said in ours.
  const shared = { connection: redis, prefix, skipVersionCheck: evicts !== null };
  const open: OpenQueue = {
    redis,
    address,
    settings,
    onError,
    patience,
    evicts,
    keys: redisKeys(settings.prefix),
    plan: new Queue(planQueueName, shared),
    mill: new Queue(millQueueName, shared),
    flow: new FlowProducer(shared),
    subscriptions: new Subscriptions(redis, onError),
  };
  open.plan.on("error", onError);
  open.mill.on("error", onError);
  open.flow.on("error", onError);
  try {
    await untilReady(open, address, stop);
  } catch (met) {
    await close(open);
    const error = withoutSecrets(met, url);
    throw replyCode(error) === null ? error : unfit(address, refusalAtStart(error), error);
  }
  return millQueue(open, address, url);
}

/** Redis may be lost again since it first answered; only an open queue waits for it as long as that takes. */
async function untilReady(open: OpenQueue, address: string, signal: AbortSignal): Promise<void> {
  const { connectWithinMs } = open.settings;
  const late = AbortSignal.timeout(connectWithinMs);
  const ready = Promise.all([open.plan, open.mill, open.flow].map((part) => part.waitUntilReady()));
  try {
    await unlessAborted(ready, AbortSignal.any([signal, late]));
  } catch (cause) {
    if (cause !== late.reason) throw cause;
    throw new Failure("queue_unreachable", silence(address, connectWithinMs), { where: { url: address } });
  }
}

function silence(address: string, withinMs: number): string {
  return `Redis at ${address}: expected an answer within ${withinMs / 1000} s, found none`;
}

function millQueue(open: OpenQueue, address: string, url: string): MillQueue {
  // All of it may be done twice, so that what the server refuses is asked again when it serves again.
  const shown = <T>(answer: Promise<T>): Promise<T> =>
    answer.catch((error: unknown) => {
      throw withoutSecrets(error, url);
    });
  const ask = <T>(what: () => Promise<T>): Promise<T> =>
    shown(open.patience.through(what, open.patience.lasting));
  return {
    address,
    notice: noticeOf(open, address),
    look: () => shown(open.patience.look()),
    ping: () => shown(ping(open, address)),
    async enqueueBuild(run) {
      if ((await ask(() => readControl(open, run.build))) === "cancel")
        await shown(setControl(open, run.build, "run"));
      return ask(() => ensureParts(open, run));
    },
    ensureParts: (run) => ask(() => ensureParts(open, run)),
    runWorker: (spec) => shown(runWorker(open, spec)),
    setControl: (build, control) => shown(setControl(open, build, control)),
    askedControl: (build) => ask(() => askedControl(open, build)),
    control: (build) => ask(() => readControl(open, build)),
    setMark: (build, word) => ask(async () => void (await open.redis.hset(open.keys.marks, build, word))),
    watchControl: (build, onChange) => shown(watchControl(open, build, onChange)),
    setPartControl: (part, control) => shown(setPartControl(open, part, control)),
    partControls: (build) => ask(() => readPartControls(open, build)),
    forgetPartControls: (build, labels) => ask(() => forgetPartControls(open, build, labels)),
    rateGate: (scope = "all") => redisRateGate(open, scope),
    beat: (one) => shown(beat(open, one)),
    workers: () => ask(() => workers(open)),
    setRest: (worker, rests) => shown(setRest(open, worker, rests)),
    isToRest: (worker) => shown(isToRest(open, worker)),
    publish: (event) => shown(publish(open, event)),
    subscribe: (onEvent) => shown(subscribe(open, onEvent)),
    progressOf: (build) => ask(() => progressOf(open, build)),
    jobsOf: (build) => ask(() => jobsOf(open, build)),
    counts: () =>
      ask(async () => {
        const [plan, mill] = await Promise.all([roleCounts(open.plan), roleCounts(open.mill)]);
        return { plan, mill };
      }),
    removeBuild: (build) => ask(() => removeBuild(open, build)),
    close: () => close(open),
  };
}

function noticeOf({ evicts }: OpenQueue, address: string): string | null {
  return evicts === null
    ? null
    : `Redis at ${address} drops keys when it is full (maxmemory-policy ${evicts}); jobs that vanish are enqueued again, at the cost of time: set it to noeviction`;
}

const answerWithinMs = 1_800;

async function ping(open: OpenQueue, address: string): Promise<number> {
  const began = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => {
      fail(new Failure("queue_unreachable", silence(address, answerWithinMs), { where: { url: address } }));
    }, answerWithinMs);
  });
  try {
    await Promise.race([open.redis.ping(), late]);
    return performance.now() - began;
  } finally {
    clearTimeout(timer);
  }
}

/** Workers are closed by their own handle before. */
async function close(open: OpenQueue): Promise<void> {
  open.patience.close();
  open.subscriptions.close();
  const parts = [open.plan, open.mill, open.flow].map((part) => part.close().catch(open.onError));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, 1_000);
  });
  await Promise.race([Promise.all(parts), late]);
  clearTimeout(timer);
  open.redis.disconnect();
}
