import { type Clock, shardProgressSchema, type WorkLeft } from "@shardmill/core";
import { logLineOf } from "@shardmill/owner";
import type { JobEvent, MillQueue, Stop } from "@shardmill/queue";
import type { LogLine, Meter, RunningShard } from "../contract/index.ts";
import type { EventClients } from "./event-clients.ts";
import { LiveLines } from "./live-lines.ts";
import { BuildMeter } from "./meter.ts";

export interface LiveFeedOptions {
  readonly clock: Clock;
  readonly clients: EventClients;
  /** Something of the dataset's records or jobs has changed. */
  readonly onChange: (dataset: string, build: string) => Promise<void>;
  /** Milliseconds until it should be looked at again at the earliest. */
  readonly dueInMs: (dataset: string) => number;
  readonly remainingOf: (dataset: string) => Promise<WorkLeft | null>;
  /** Only datasets of the catalogue are heard; anything else on the channel is not ours. */
  readonly isKnown: (dataset: string) => boolean;
}

export interface FeedCounters {
  readonly retries: ReadonlyMap<string, number>;
  readonly decodeSeconds: ReadonlyMap<string, number>;
}

const meterEveryMs = 2_000;
const tellAfterMs = 400;

/** Hears what the queue tells, and makes of it the log, the pace and the hints that pages live on. */
export class LiveFeed {
  readonly #options: LiveFeedOptions;
  readonly #meters = new Map<string, BuildMeter>();
  readonly #lines = new LiveLines();
  readonly #changed = new Map<string, NodeJS.Timeout>();
  readonly #retries = new Map<string, number>();
  #ticker: NodeJS.Timeout | null = null;
  #stop: Stop | null = null;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
  }

  async start(own: MillQueue): Promise<void> {
    this.#stop = await own.subscribe((event) => this.#hear(event));
    this.#ticker = setInterval(() => void this.#tellMeters(), meterEveryMs);
    this.#ticker.unref();
  }

  /** Hears what another owner's queue tells, too; ends with the function that it gives. */
  listen(queue: MillQueue): () => void {
    const listening = queue.subscribe((event) => this.#hear(event));
    // One that does not answer any more is left by whoever has joined it.
    listening.catch(() => undefined);
    return () => void listening.then((stop) => stop()).catch(() => undefined);
  }

  /** What was heard of a part lately; what is kept of it lies beside the records. */
  linesOf(dataset: string, label: string): readonly LogLine[] {
    return this.#lines.of(dataset, label);
  }

  async meterOf(dataset: string): Promise<Meter> {
    const remaining = await this.#options.remainingOf(dataset);
    return this.#meterFor(dataset).read(this.#options.clock.now(), remaining);
  }

  counters(): FeedCounters {
    const decodeSeconds = new Map([...this.#meters].map(([name, meter]) => [name, meter.decodeSeconds]));
    return { retries: this.#retries, decodeSeconds };
  }

  /** Has a dataset looked at again, a little later, and then tells pages; many changes at once are told once. */
  changed(dataset: string, build: string): void {
    if (this.#changed.has(dataset)) return;
    const afterMs = Math.max(tellAfterMs, this.#options.dueInMs(dataset));
    const timer = setTimeout(() => void this.#look(dataset, build), afterMs);
    timer.unref();
    this.#changed.set(dataset, timer);
  }

  async #look(dataset: string, build: string): Promise<void> {
    this.#changed.delete(dataset);
    // Whatever cannot be read now is told to whoever asks for it.
    await this.#options.onChange(dataset, build).catch(() => {});
    this.#options.clients.send({ kind: "status", dataset });
  }

  async close(): Promise<void> {
    if (this.#ticker !== null) clearInterval(this.#ticker);
    for (const timer of this.#changed.values()) clearTimeout(timer);
    await this.#stop?.();
  }

  #hear(event: JobEvent): void {
    const { clients, clock, isKnown } = this.#options;
    if (!isKnown(event.dataset)) return;
    const at = clock.now();
    const meter = this.#meterFor(event.dataset);
    meter.heard(at);
    if (event.kind === "progress") {
      const told = shardProgressSchema.safeParse(event.detail);
      if (told.success) meter.add(`${event.label}/${event.range}`, told.data, at);
      clients.send({ kind: "progress", dataset: event.dataset, shard: runningShardOf(event) });
      return;
    }
    if (event.kind === "retrying")
      this.#retries.set(event.dataset, (this.#retries.get(event.dataset) ?? 0) + 1);
    if (event.step === "mill") {
      const job = `${event.label}/${event.range}`;
      if (event.kind === "started") meter.began(job, at);
      else meter.ended(job, at);
    }
    const line = logLineOf(event);
    this.#lines.add(event.dataset, line);
    clients.send({ kind: "job", dataset: event.dataset, line });
    this.changed(event.dataset, event.build);
  }

  #meterFor(dataset: string): BuildMeter {
    const meter = this.#meters.get(dataset) ?? new BuildMeter();
    this.#meters.set(dataset, meter);
    return meter;
  }

  async #tellMeters(): Promise<void> {
    if (this.#options.clients.size === 0) return;
    for (const dataset of this.#meters.keys()) {
      const meter = await this.meterOf(dataset).catch(() => null);
      if (meter !== null) this.#options.clients.send({ kind: "meter", dataset, meter });
    }
  }
}

export function runningShardOf(event: {
  readonly label: string | null;
  readonly range: string | null;
  readonly step: string | null;
  readonly worker: string | null;
  readonly detail: unknown;
}): RunningShard {
  const told = shardProgressSchema.safeParse(event.detail);
  const { shard, member, done, of, packed, failed } = told.success
    ? told.data
    : { shard: null, member: null, done: null, of: null, packed: null, failed: null };
  const { label, range, step, worker } = event;
  return { label, range, step: step ?? "", worker: worker ?? "", shard, member, done, of, packed, failed };
}
