import type { Clock } from "@shardmill/core";
import type { BuildRequest, MillQueue } from "@shardmill/queue";
import { acquireBuildLock, type BuildLock, type Records } from "@shardmill/store";
import type { FastifyBaseLogger } from "fastify";
import { z } from "zod";

const keptSchema = z.object({
  version: z.literal(1),
  requests: z.array(
    z.object({
      build: z.string(),
      run: z.int().nonnegative(),
      dataset: z.string(),
      payload: z.json().optional(),
      parts: z.array(
        z.object({
          label: z.string(),
          subset: z.string().nullable(),
          part: z.int(),
          payload: z.json().optional(),
        }),
      ),
    }),
  ),
});
type KeptRequest = z.output<typeof keptSchema>["requests"][number];

export interface BuildKeeperOptions {
  readonly queue: MillQueue;
  readonly clock: Clock;
  readonly log: FastifyBaseLogger;
  readonly everyMs: number;
  readonly onEnded: (dataset: string, build: string) => void;
}

interface Kept {
  readonly records: Records;
  readonly lock: BuildLock;
  requests: KeptRequest[];
}

/**
 * Owns the builds that were asked for here: holds the lock of each dataset's folder, and adds again
 * what has vanished from the queue. The requests lie beside the records until they end, so that a service that is
 * started again carries on, with an empty queue too.
 */
export class BuildKeeper {
  readonly #options: BuildKeeperOptions;
  readonly #kept = new Map<string, Kept>();
  #timer: NodeJS.Timeout | null = null;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: BuildKeeperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#turn = this.#turn.then(() => this.look());
    }, this.#options.everyMs);
    this.#timer.unref();
  }

  /** Takes the dataset's lock, or fails with build_locked. Held until all requests have ended. */
  async own(records: Records, build: string): Promise<void> {
    if (this.#kept.has(records.dataset)) return;
    const lock = await acquireBuildLock(records, { build });
    this.#kept.set(records.dataset, { records, lock, requests: [] });
  }

  async keep(request: BuildRequest): Promise<void> {
    const kept = this.#kept.get(request.dataset);
    if (kept === undefined) return;
    kept.requests = [...kept.requests, keptSchema.shape.requests.element.parse(request)];
    await this.#write(kept);
  }

  /** Gives the lock back when nothing of the dataset is kept. */
  async releaseIfIdle(dataset: string): Promise<void> {
    const kept = this.#kept.get(dataset);
    if (kept === undefined || kept.requests.length > 0) return;
    this.#kept.delete(dataset);
    await kept.lock.release();
  }

  async drop(dataset: string): Promise<void> {
    const kept = this.#kept.get(dataset);
    if (kept === undefined) return;
    kept.requests = [];
    // A look that is under way may still be adding what has vanished.
    await this.#turn;
    await this.#write(kept);
    await this.releaseIfIdle(dataset);
  }

  /** Carries on with what a service before this one had begun. */
  async adopt(records: Records): Promise<void> {
    const bytes = await records.store.read(pathOf(records));
    if (bytes === null) return;
    const parsed = keptSchema.safeParse(parseJson(bytes));
    const [first] = parsed.success ? parsed.data.requests : [];
    if (!parsed.success || first === undefined) return;
    try {
      await this.own(records, first.build);
    } catch (error) {
      this.#options.log.warn({ dataset: records.dataset, err: error }, "another process owns this build");
      return;
    }
    const kept = this.#kept.get(records.dataset);
    if (kept !== undefined) kept.requests = parsed.data.requests;
    this.#options.log.info({ dataset: records.dataset, build: first.build }, "carrying on with a build");
  }

  async look(): Promise<void> {
    for (const [dataset, kept] of this.#kept) {
      try {
        await this.#lookAt(dataset, kept);
      } catch (error) {
        this.#options.log.warn({ dataset, err: error }, "the queue could not be compared with the build");
      }
    }
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#turn;
    for (const { lock } of this.#kept.values()) await lock.release();
    this.#kept.clear();
  }

  async #lookAt(dataset: string, kept: Kept): Promise<void> {
    const { queue, onEnded } = this.#options;
    const before = kept.requests;
    const standing: KeptRequest[] = [];
    for (const request of before) {
      const isCancelled = (await queue.control(request.build)) === "cancel";
      if (isCancelled || (await this.#hasEnded(request))) {
        onEnded(dataset, request.build);
        continue;
      }
      await queue.ensureParts(requestOf(request));
      standing.push(request);
    }
    // A request that came while we looked is not to be forgotten.
    kept.requests = [...standing, ...kept.requests.filter((request) => !before.includes(request))];
    if (standing.length === before.length) return;
    await this.#write(kept);
    await this.releaseIfIdle(dataset);
  }

  async #hasEnded({ build, run }: KeptRequest): Promise<boolean> {
    const { completed, failed } = await this.#options.queue.jobsOf(build);
    return [...completed, ...failed].some((job) => job.what === "build" && job.run === run);
  }

  async #write({ records, requests }: Kept): Promise<void> {
    if (requests.length === 0) await records.store.remove(pathOf(records));
    else await records.store.put(pathOf(records), `${JSON.stringify({ version: 1, requests })}\n`);
  }
}

function pathOf({ paths }: Records): string {
  return `${paths.records}/requests.json`;
}

function requestOf({ payload, parts, ...rest }: KeptRequest): BuildRequest {
  return {
    ...rest,
    ...(payload === undefined ? {} : { payload }),
    parts: parts.map(({ payload: order, ...part }) => ({
      ...part,
      ...(order === undefined ? {} : { payload: order }),
    })),
  };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return null;
  }
}
