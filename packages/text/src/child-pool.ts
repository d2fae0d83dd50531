import { Semaphore } from "@shardmill/core";

/** A child was not quick enough, or ended in its task: both cost the task and nobody else. */
export type Loss = "late" | "ended";

type Ask<Task, Answer> = (task: Task) => Promise<Answer | Loss>;

/** Child processes that do one task each at a time, each under a limit of time and memory. */
export interface ChildPool<Task, Answer extends object> {
  /** As long as `work` goes on, one child is its own. Whoever waits for a seat can be called off. */
  seated<T>(signal: AbortSignal, work: (ask: Ask<Task, Answer>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface ChildPoolOptions {
  /** The file that a child runs; its default export is what does a task. */
  readonly filename: string;
  readonly argv: readonly string[];
  readonly size: number;
  /** Children that are kept when there is nothing to do. */
  readonly kept: number;
  readonly idleMs: number;
  readonly limitMs: number;
  readonly heapMb: number;
}

export async function openChildPool<Task, Answer extends object>(
  options: ChildPoolOptions,
): Promise<ChildPool<Task, Answer>> {
  const { Tinypool } = await import("tinypool");
  const pool = new Tinypool({
    filename: options.filename,
    runtime: "child_process",
    serialization: "advanced",
    minThreads: options.kept,
    maxThreads: options.size,
    idleTimeout: options.idleMs,
    argv: [...options.argv],
    execArgv: [`--max-old-space-size=${options.heapMb}`],
  });
  // A child that is lost while it has nothing to do is missed by nobody: the next task has another one.
  pool.on("error", () => undefined);
  // One for each child: whoever's time runs has a child. Who comes later waits here, where he can be called off.
  const seats = new Semaphore(options.size);
  return {
    async seated(signal, work) {
      const leave = await seats.acquire(1, signal);
      try {
        return await work(async (task) => {
          const late = AbortSignal.timeout(options.limitMs);
          const answer = await pool.run(task, { signal: late }).then(
            (result: Answer) => result,
            (error: unknown) => lossOf(error, late),
          );
          signal.throwIfAborted();
          return answer;
        });
      } finally {
        leave();
      }
    },
    close: () => pool.destroy(),
  };
}

/** How the child was lost. What it threw itself comes as plain data, and is a bug. */
function lossOf(error: unknown, late: AbortSignal): Loss {
  if (late.aborted) return "late";
  if (error instanceof Error) return "ended";
  const { message, stack }: { message?: unknown; stack?: unknown } = Object(error);
  throw new Error(String(message), { cause: stack });
}
