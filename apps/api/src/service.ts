import { type Clock, Failure, isCancellation, systemClock, type WorkLeft } from "@shardmill/core";
import { BuildQueues, OwnedBuilds, type readTimeSigns } from "@shardmill/owner";
import { TokenTexts } from "@shardmill/pipeline";
import { openRecords, openStore, type Records, type Store } from "@shardmill/store";
import { type ApiDeps, type ApiLimits, defaultLimits } from "./api-options.ts";
import { EventClients } from "./live/event-clients.ts";
import { LiveFeed } from "./live/live-feed.ts";
import { remainingOf } from "./live/remaining.ts";
import type { BuildNow } from "./read/build-now.ts";
import { type BookView, DatasetBooks } from "./read/dataset-books.ts";
import { KeptAnswers } from "./read/kept-answers.ts";
import { OpenShards } from "./read/open-shards.ts";
import { Outputs } from "./read/outputs.ts";
import { QueueEye } from "./read/queue-eye.ts";
import { statusNow } from "./read/status-now.ts";
import { ApiProblem } from "./secure/api-problem.ts";

/** Whether services are waited for, and when a build was at work. */
export interface BuildSigns extends Awaited<ReturnType<typeof readTimeSigns>> {
  readonly isAwaited: boolean;
}

/** What the routes share: one reading of each dataset's records, one look at the queue, one feed of what happens. */
export class Service {
  readonly deps: ApiDeps;
  readonly limits: ApiLimits;
  readonly clock: Clock;
  readonly store: Store;
  readonly shards: OpenShards;
  /** What tells who is at work, beside the books. */
  readonly signs: KeptAnswers<BuildSigns>;
  readonly clients: EventClients;
  readonly eye: QueueEye;
  readonly feed: LiveFeed;
  readonly queues: BuildQueues;
  /** The builds that this service owns. */
  readonly owned: OwnedBuilds;
  readonly outputs: Outputs;
  readonly texts = new TokenTexts();
  readonly closing = new AbortController();
  /** For what must be done: a bucket that is away is waited for longer than somebody who looks would wait. */
  readonly #workStore: Store;
  readonly #ttlMs: number;
  readonly #books = new Map<string, DatasetBooks>();
  #sweeper: NodeJS.Timeout | null = null;
  readonly #toldVersion = new Map<string, number>();
  #isWarm = false;
  #warming: Promise<void> = Promise.resolve();

  private constructor(deps: ApiDeps, store: Store, workStore: Store) {
    this.deps = deps;
    this.limits = { ...defaultLimits, ...deps.limits };
    this.clock = deps.clock ?? systemClock;
    this.store = store;
    this.#workStore = workStore;
    this.shards = new OpenShards(store, this.clock);
    const { eventClients: most, eventBufferBytes: bufferBytes, heartbeatMs } = this.limits;
    const { statusTtlMs, bucketTtlMs, keepEveryMs, bucketLookEveryMs } = this.limits;
    const isBucket = store.conditional !== null;
    const ttlMs = isBucket ? bucketTtlMs : statusTtlMs;
    this.#ttlMs = ttlMs;
    this.signs = new KeptAnswers(this.clock, ttlMs);
    this.outputs = new Outputs(store, deps.catalogue, { clock: this.clock, keptMs: ttlMs });
    this.clients = new EventClients({ most, bufferBytes, heartbeatMs });
    this.feed = new LiveFeed({
      clock: this.clock,
      clients: this.clients,
      onChange: (dataset, build) => this.refresh(dataset, build),
      dueInMs: (dataset) => this.#books.get(dataset)?.dueInMs ?? 0,
      remainingOf: (dataset) => this.remaining(dataset),
      isKnown: (dataset) => this.isKnown(dataset),
    });
    this.queues = new BuildQueues({ own: deps.queue, onJoined: (queue) => this.feed.listen(queue) });
    this.eye = new QueueEye(this.queues, { clock: this.clock, ttlMs, log: deps.log });
    this.owned = new OwnedBuilds({
      queues: this.queues,
      own: deps.queue,
      surroundings: deps.surroundings,
      everyMs: keepEveryMs,
      findEveryMs: isBucket ? bucketLookEveryMs : keepEveryMs,
      log: deps.log,
      onEnded: (dataset, build) => this.feed.changed(dataset, build),
      onNews: deps.onNews,
      standstillMs: deps.standstillMs,
    });
  }

  static async open(deps: ApiDeps): Promise<Service> {
    const { outRoot } = deps.surroundings;
    const service = new Service(
      deps,
      await openStore(outRoot, { isAwaited: true }),
      await openStore(outRoot),
    );
    await service.feed.start(deps.queue.queue);
    await service.outputs.look();
    await service.owned.start(async () => {
      await service.outputs.look();
      return service.outputs.present().map(({ name }) => service.workRecords(name));
    });
    service.#warming = service.#warmUp();
    service.#sweeper = setInterval(() => void service.#lookForChanges(), 2_000);
    service.#sweeper.unref();
    return service;
  }

  /** Every build's records have been read once: nobody who looks waits for a thousand manifests. */
  get isWarm(): boolean {
    return this.#isWarm;
  }

  /** One dataset after another; what cannot be read is told to whoever asks for it. */
  async #warmUp(): Promise<void> {
    for (const { name } of this.outputs.present()) {
      await this.books(name)
        .warmUp(this.signal)
        .catch((error: unknown) => {
          if (!isCancellation(error, this.signal))
            this.deps.log.warn({ dataset: name, err: error }, "records cannot be read");
        });
    }
    this.#isWarm = true;
  }

  isKnown(dataset: string): boolean {
    return this.outputs.isKnown(dataset);
  }

  /** Of a dataset of the catalogue or one of its outputs: nothing else of the output root can be seen. */
  books(dataset: string): DatasetBooks {
    const found = this.#books.get(dataset);
    if (found !== undefined) return found;
    if (!this.isKnown(dataset)) throw ApiProblem.notFound(`the catalogue has no dataset ${dataset}`);
    const made = new DatasetBooks(this.store, dataset, { clock: this.clock, ttlMs: this.#ttlMs });
    this.#books.set(dataset, made);
    return made;
  }

  /** For whoever owns its build. */
  workRecords(dataset: string): Records {
    return openRecords(this.#workStore, dataset);
  }

  async buildOrNull(dataset: string): Promise<BuildNow | null> {
    const known = await this.#viewOrNull(dataset);
    if (known === null) return null;
    const books = this.books(dataset);
    const queue = await this.eye.build(books.records, known.build.build);
    const view = await books.viewBeside(new Set([...queue.running, ...queue.queued]));
    // Another build has begun meanwhile, and the queue was asked for the one before it.
    if (view?.build.build !== known.build.build) return this.buildOrNull(dataset);
    return { ...view, recorded: view.status, status: statusNow(view.status, queue), queue };
  }

  /** What the records say of a build; the queue is not asked. */
  async view(dataset: string): Promise<BookView> {
    const view = await this.#viewOrNull(dataset);
    if (view === null) throw ApiProblem.notFound(`there is no build of ${dataset} yet`);
    return view;
  }

  async #viewOrNull(dataset: string): Promise<BookView | null> {
    if (!this.isKnown(dataset)) await this.outputs.look();
    if (this.owned.away().includes(dataset))
      throw new Failure(
        "output_away",
        `the output folder of ${dataset} is not there; its build waits for it`,
      );
    return this.books(dataset).view();
  }

  async build(dataset: string): Promise<BuildNow> {
    const now = await this.buildOrNull(dataset);
    if (now === null) throw ApiProblem.notFound(`there is no build of ${dataset} yet`);
    return now;
  }

  /** Records and queue of a dataset are looked at anew; ends when they have been. */
  async refresh(dataset: string, build: string): Promise<void> {
    this.eye.invalidate(build);
    this.signs.forget(dataset);
    const view = await this.#books.get(dataset)?.fresh();
    if (view != null) this.#toldVersion.set(dataset, view.version);
  }

  async remaining(dataset: string): Promise<WorkLeft | null> {
    const now = await this.buildOrNull(dataset);
    return now === null || !now.queue.active || now.queue.control !== "run" ? null : remainingOf(now);
  }

  /** The output root is there, and in it the builds that are at work here. */
  async isOutputThere(): Promise<boolean> {
    if (this.owned.away().length > 0) return false;
    try {
      if (this.store.conditional !== null) {
        // A page of its folders is one request: whether there are any does not matter.
        await this.outputs.look();
        return true;
      }
      await this.store.freeBytes();
      const root = await this.store.stat("");
      return root?.isFolder === true;
    } catch {
      return false;
    }
  }

  /** Null of a bucket: nobody tells how much more it takes. */
  async freeBytes(): Promise<number | null> {
    return this.store.conditional === null ? this.store.freeBytes() : null;
  }

  /** For work that reads: ends when the service does. */
  get signal(): AbortSignal {
    return this.closing.signal;
  }

  /** Nothing new is begun, what waits is ended; `close` gives the rest back. */
  stop(): void {
    if (this.#sweeper !== null) clearInterval(this.#sweeper);
    this.closing.abort(new Failure("wrong_use", "the service is closing"));
    this.clients.close();
  }

  async close(): Promise<void> {
    this.stop();
    await this.#warming;
    await this.owned.close();
    await this.queues.close();
    await this.texts.close();
    await this.feed.close();
  }

  /** Shards may be published by a build that has another queue: pages hear of it from the folders. */
  async #lookForChanges(): Promise<void> {
    if (this.clients.size === 0) return;
    await this.outputs.look().catch((error: unknown) => {
      this.deps.log.warn({ err: error }, "the output root cannot be read");
    });
    for (const [dataset, books] of this.#books) {
      const view = await books.view().catch(() => null);
      if (view === null || this.#toldVersion.get(dataset) === view.version) continue;
      this.#toldVersion.set(dataset, view.version);
      this.clients.send({ kind: "status", dataset });
    }
  }
}
