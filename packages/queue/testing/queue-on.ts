import { type ConnectOptions, connectQueue } from "../src/connect-queue.ts";
import type { BuildRun, PartTask, ShardTask } from "../src/jobs/payloads.ts";
import type { JobContext, MillQueue, RunningWorker } from "../src/mill-queue.ts";
import type { QueueSettings } from "../src/queue-settings.ts";

export const quick = {
  lockDurationMs: 1_000,
  stalledIntervalMs: 1_000,
  maxStalledCount: 1_000,
  backoffBaseMs: 20,
  controlPollMs: 500,
} satisfies Partial<QueueSettings>;

/** A queue with a plan worker whose parts have as many shards as asked, and a diary of what happened. */
export interface TestQueue {
  readonly queue: MillQueue;
  readonly diary: string[];
  /** Resolves when `sealBuild` has run. */
  readonly sealed: Promise<void>;
  /** Adds a mill worker to be closed with the rest. */
  mill(
    millShard: (shard: ShardTask, context: JobContext) => Promise<null>,
    options?: { name?: string; concurrency?: number },
  ): Promise<RunningWorker>;
  close(): Promise<void>;
}

let prefixes = 0;

/** Tests on one server do not see each other. */
export function newPrefix(): string {
  prefixes += 1;
  return `t${process.pid}-${prefixes}`;
}

export async function queueOn(
  url: string,
  options: {
    shards?: number;
    planners?: number;
    beforePlan?: (part: PartTask, queue: MillQueue) => Promise<void>;
    settings?: Partial<QueueSettings> & Pick<ConnectOptions, "onError" | "onRefusal">;
  } = {},
): Promise<TestQueue> {
  const prefix = options.settings?.prefix ?? newPrefix();
  const queue = await connectQueue({ url, ...quick, ...options.settings, prefix });
  const diary: string[] = [];
  const workers: RunningWorker[] = [];
  let seal = (): void => {};
  const sealed = new Promise<void>((resolve) => {
    seal = resolve;
  });
  workers.push(
    await queue.runWorker({
      role: "plan",
      name: "planner",
      concurrency: options.planners ?? 2,
      handlers: {
        async planPart(part) {
          diary.push(`plan ${part.label}`);
          await options.beforePlan?.(part, queue);
          return shardsOf(options.shards ?? 2);
        },
        async finishPart(part, { failures }) {
          const failed = [...failures].map(([range, { code }]) => ` ${range}:${code}`).join("");
          diary.push(`finish ${part.label}${failed}`);
          return null;
        },
        async sealBuild(build) {
          diary.push(`seal ${build.build}`);
          seal();
          return null;
        },
      },
    }),
  );
  return {
    queue,
    diary,
    sealed,
    async mill(millShard, { name = "miller", concurrency = 4 } = {}) {
      const worker = await queue.runWorker({ role: "mill", name, concurrency, handlers: { millShard } });
      workers.push(worker);
      return worker;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close({ drain: false })));
      await queue.close();
    },
  };
}

function shardsOf(count: number): { range: string; payload: { index: number } }[] {
  return Array.from({ length: count }, (_, index) => ({
    range: String(index).padStart(4, "0"),
    payload: { index },
  }));
}

export function request(parts: number, build = "b", run = 1): BuildRun {
  return {
    build,
    run,
    dataset: "openvid-1m",
    parts: Array.from({ length: parts }, (_, part) => ({
      label: `p${String(part).padStart(4, "0")}`,
      subset: null,
      part,
    })),
  };
}

/** A handler's wait for its signal, as a well-behaved handler ends. */
export function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, fail) => {
    if (signal.aborted) fail(signal.reason);
    signal.addEventListener("abort", () => fail(signal.reason), { once: true });
  });
}
