import type { BuildRecord } from "@shardmill/core";
import type { Surroundings } from "@shardmill/pipeline";
import type { Records } from "@shardmill/store";
import { addRun, type OrderedPart } from "./add-run.ts";
import type { BuildQueues } from "./build-queues.ts";
import type { News } from "./news.ts";
import type { OwnQueue } from "./open-own-queue.ts";
import { ownBuild } from "./own-build.ts";
import type { OwnBuild, OwnedBuild } from "./owned-build.ts";
import { type KeptRun, listRuns } from "./runs.ts";

interface OwnedBuildsOptions {
  readonly queues: BuildQueues;
  readonly own: OwnQueue;
  readonly surroundings: Surroundings;
  /** How often what has vanished is added again. */
  readonly everyMs: number;
  /** How often what others have left is looked for. */
  readonly findEveryMs: number;
  readonly log: {
    info(fields: object, text: string): void;
    warn(fields: object, text: string): void;
  };
  readonly onEnded: (dataset: string, build: string) => void;
  readonly onNews?: ((news: News) => void) | undefined;
  readonly standstillMs?: number | undefined;
}

/** Parts that a service was asked for. */
interface Wanted {
  readonly records: Records;
  readonly build: BuildRecord;
  readonly parts: readonly OrderedPart[];
  readonly mayHandOver: boolean;
  readonly thenRoots: boolean;
}

const longestLookMs = 1_000;

/** A service's builds, one for each dataset: those that were asked for there, and those that a service before it has left. */
export class OwnedBuilds {
  readonly #options: OwnedBuildsOptions;
  readonly #owned = new Map<string, OwnedBuild>();
  readonly #closing = new AbortController();
  /** Datasets of its builds whose output folder is not there now. */
  readonly #away = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  /** The look that is under way. */
  #looking: Promise<void> | null = null;

  constructor(options: OwnedBuildsOptions) {
    this.#options = options;
  }

  /** From here on what services have left in the records that there are is carried on, as soon as nobody else owns the build. */
  async start(find: () => Promise<readonly Records[]>): Promise<void> {
    const look = async (): Promise<void> => {
      for (const records of await find().catch((error: unknown) => this.#notFound(error)))
        await this.#carryOn(records);
    };
    await look();
    this.#timer = setInterval(() => {
      // One at a time: with Redis away a look waits, and those after it would pile up.
      this.#looking ??= look().finally(() => {
        this.#looking = null;
      });
    }, this.#options.findEveryMs);
    this.#timer.unref();
  }

  /** Datasets whose builds it owns and whose output folder is not there at the moment. */
  away(): readonly string[] {
    return [...this.#away];
  }

  /** Adds parts to the dataset's build, owned here or elsewhere; null when all of them are at work already. */
  async make(wanted: Wanted): Promise<KeptRun | null> {
    const { records, build, parts, thenRoots } = wanted;
    const owned = this.#owned.get(records.dataset);
    const isOwner = await owned?.began.then(
      (begun) => begun.isOwner,
      () => false,
    );
    if (owned === undefined || isOwner !== true) return this.#own(wanted);
    // Nothing is written where the queue does not answer.
    const queue = await this.#options.queues.of(records);
    await records.writeBuild(build);
    const { run } = await addRun(records, queue, { build, parts, outlivesOwner: true, thenRoots });
    // It may have ended meanwhile, without having seen the run.
    if (this.#owned.get(records.dataset) !== owned) await this.#carryOn(records);
    return run;
  }

  /** Gives the builds back; what has not ended is carried on by the next service. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    // First: a look that waits for Redis ends with it.
    this.#closing.abort(new Error("the service is closing"));
    await this.#looking;
    await Promise.all([...this.#owned.values()].map((owned) => owned.stop()));
  }

  async #own({ records, build, parts, ...how }: Wanted): Promise<KeptRun | null> {
    const { log, onEnded } = this.#options;
    const { dataset } = records;
    const owned = ownBuild({ ...this.#common(dataset), ...how, records, build, parts });
    this.#owned.set(dataset, owned);
    const forget = (): void => {
      if (this.#owned.get(dataset) === owned) this.#owned.delete(dataset);
      this.#away.delete(dataset);
      onEnded(dataset, build.build);
    };
    owned.ended.then(forget, forget);
    const { isOwner, run } = await owned.began;
    if (isOwner) log.info({ dataset, build: build.build, parts: parts.length }, "owning a build");
    // Who owns it carries on, and pages are told by its queue.
    else await owned.stop();
    return run;
  }

  #common(dataset: string): Omit<OwnBuild, "records" | "build" | "parts" | "mayHandOver" | "thenRoots"> {
    const { own, surroundings, everyMs, log, onNews, standstillMs } = this.#options;
    return {
      onNews,
      standstillMs,
      as: "service",
      surroundings,
      openQueue: async () => ({ ...own, close: async () => undefined }),
      startWorker: null,
      lookEveryMs: Math.min(longestLookMs, everyMs),
      ensureEveryMs: everyMs,
      onOutput: (isThere) => {
        if (isThere) this.#away.delete(dataset);
        else this.#away.add(dataset);
        if (isThere) log.info({ dataset }, "the output folder is there again");
        else log.warn({ dataset }, "the output folder is away: the build waits for it");
      },
      onTrouble: (error) =>
        log.warn({ dataset, err: error }, "the queue could not be compared with the build"),
      signal: this.#closing.signal,
    };
  }

  #notFound(error: unknown): [] {
    this.#options.log.warn({ err: error }, "the outputs cannot be looked through");
    return [];
  }

  async #carryOn(records: Records): Promise<void> {
    const { dataset } = records;
    if (this.#owned.has(dataset) || this.#closing.signal.aborted) return;
    try {
      const left = (await listRuns(records)).filter((run) => run.outlivesOwner);
      // What was left to workers elsewhere is for a service that has their queue.
      const isFar =
        left.every((run) => run.isDetached) &&
        (await records.readQueueAddress())?.url !== this.#options.own.url;
      const build = left.length === 0 || isFar ? null : await records.readBuild();
      if (build === null) return;
      await this.#own({ records, build, parts: [], mayHandOver: false, thenRoots: false });
    } catch (error) {
      // Somebody else owns it, say: it is looked for again.
      this.#options.log.info({ dataset, err: error }, "what was left of a build is not carried on yet");
    }
  }
}
