import type { Logger } from "pino";
import { LocalWorker, type WorkerNote } from "./local-worker.ts";
import { workerArgs } from "./worker-args.ts";
import type { WorkerOptions } from "./worker-options.ts";

interface Beside {
  readonly redisUrl: string;
  /** The worker that they are a part of. */
  readonly name: string;
  readonly log: Logger;
}

/**
 * The processes of a worker beside its first, each with its share. They end when the first does, however that ends, and one that
 * is lost is started again. Who looks at the queue sees one worker.
 */
export class FurtherWorkers {
  readonly #workers: readonly LocalWorker[];

  constructor(shares: readonly WorkerOptions[], { redisUrl, name, log }: Beside) {
    this.#workers = shares.map(
      (share) =>
        new LocalWorker({
          redisUrl,
          outRoot: share.out,
          logDir: null,
          args: argsOf(share, name),
          environment: process.env,
          onLost: (how) =>
            tell(log, `a further process of the worker was lost (${how}); another one takes over`),
          onGivenUp: (why) =>
            tell(log, `a further process of the worker does not start: ${why}; the others go on`),
        }),
    );
  }

  /** With those of the first process. */
  get count(): number {
    return this.#workers.length + 1;
  }

  /** As the first process ends: with a drain for as long as that takes. */
  async stop(hard: AbortSignal, how: { readonly drains: boolean }): Promise<void> {
    const atOnce = how.drains ? new AbortController().signal : hard;
    await Promise.all(this.#workers.map((worker) => worker.stop(atOnce, how)));
  }
}

/** In the log, and on the screen of whoever started this worker. */
function tell(log: Logger, note: string): void {
  log.warn(note);
  const told: WorkerNote = { note };
  process.send?.(told, undefined, undefined, () => undefined);
}

function argsOf(share: WorkerOptions, name: string): string[] {
  return [
    ...["--role", "mill", "--part-of", name],
    ...workerArgs(share),
    ...(share.shards === undefined ? [] : ["--shards", String(share.shards)]),
    ...(share.drain === true ? ["--drain"] : []),
  ];
}
