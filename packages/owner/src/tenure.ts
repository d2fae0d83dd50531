import { type BuildRecord, partLabel, unlessAborted } from "@shardmill/core";
import { recordRevisions, sealBuild } from "@shardmill/pipeline";
import { writeLastRun } from "@shardmill/pipeline/last-run";
import {
  type BuildLock,
  type OutputMark,
  sweepOrphans,
  sweepTemporaries,
  writeOutputMark,
} from "@shardmill/store";
import { addRun, type OrderedPart } from "./add-run.ts";
import { attendRuns, type RunsEnd } from "./attend-runs.ts";
import { oldestRunOf, runBeganMs } from "./build-time.ts";
import { forgetHolds } from "./hold-records.ts";
import { isUnderWay, joinAddress } from "./join-queue.ts";
import { listenTo } from "./listen-to.ts";
import { NewsTeller } from "./news.ts";
import type { OwnQueue } from "./open-own-queue.ts";
import { orderRootParts } from "./order-root-parts.ts";
import type { Ears, HowEnded, OwnBuild, OwnWorker } from "./owned-build.ts";
import { PartLogs } from "./part-logs.ts";
import { forgetPause, keepControl } from "./pause-record.ts";
import { dropRun, type KeptRun, listRuns } from "./runs.ts";
import { tellUnfetched } from "./tell-unfetched.ts";

/** One holding of a build's lock. */
export interface Term {
  readonly lock: BuildLock;
  readonly parts: readonly OrderedPart[];
  /** Runs that earlier owners have left and this one does not carry on; null: they are to be looked through. */
  readonly passedOver: ReadonlySet<number> | null;
}

/** What is open while a build is worked on; a build of which nothing is to be made never opens it. */
interface Works {
  readonly own: OwnQueue;
  readonly mark: OutputMark;
  readonly worker: OwnWorker | null;
  readonly stopListening: () => Promise<void>;
}

const defaultLookMs = 500;
/** Each look at the records of a bucket is some requests. */
const bucketLookMs = 3_000;
const defaultEnsureMs = 10_000;

/** What an owner does from taking the lock to giving it back. */
export class Tenure {
  readonly #order: OwnBuild;
  readonly #ears: Ears;
  readonly #term: Term;
  readonly #noWorker = new AbortController();
  readonly #signal: AbortSignal;
  #works: Works | null = null;
  #news: NewsTeller | null = null;
  /** When what it makes was asked for; null before, and where nothing is made. */
  #beganMs: number | null = null;
  #passedOver: ReadonlySet<number>;

  constructor(order: OwnBuild, ears: Ears, term: Term) {
    this.#order = order;
    this.#ears = ears;
    this.#term = term;
    this.#passedOver = term.passedOver ?? new Set();
    this.#signal = AbortSignal.any([order.signal, term.lock.lost, this.#noWorker.signal]);
  }

  async serve(): Promise<HowEnded> {
    const { records, build, thenRoots } = this.#order;
    try {
      await sweepTemporaries(records.store, records.dataset);
      if (this.#term.passedOver === null) await records.writeBuild(build);
      let end = await this.#make();
      if (end.kind === "ended" && (thenRoots || end.thenRoots)) end = await this.#makeRoots(end);
      // In a bucket nobody finishes the draft of one that died before its tar lay there.
      if (records.store.conditional !== null) await sweepTemporaries(records.store, records.dataset);
      await sweepOrphans(records, this.#signal);
      const status = await recordRevisions(records);
      if (status !== null) await this.#news?.ended(end.kind, status);
      const queue = this.#works?.own.queue;
      if (queue !== undefined)
        await this.#forgetHolds(queue).catch(this.#order.onTrouble ?? (() => undefined));
      return { kind: end.kind };
    } catch (error) {
      // Who was told to stop has not come to an end: what is left is carried on.
      if (!this.#order.signal.aborted) this.#news?.failed(error);
      throw error;
    } finally {
      try {
        await this.#close();
      } finally {
        await this.#term.lock.release();
      }
    }
  }

  /** What is to be done when more has come while the lock was given back; null: nothing has. */
  async next(): Promise<Omit<Term, "lock"> | null> {
    const come = await this.#carriedRuns();
    return come.length === 0 ? null : { parts: [], passedOver: this.#passedOver };
  }

  async #make(): Promise<RunsEnd> {
    const { records, build, as } = this.#order;
    const { parts, passedOver } = this.#term;
    const left = await this.#leftQueue();
    const runs = await this.#carriedRuns();
    // A command makes what it was asked for; what others have left is for a service.
    const isCarried = passedOver !== null || (as === "service" && runs.some((run) => run.outlivesOwner));
    if (parts.length === 0 && left === null && !isCarried) {
      this.#passedOver = numbersOf(runs);
      await tellUnfetched(this.#order, this.#signal);
      await sealBuild({ records, build: await this.#recorded() });
      this.#ears.tell({ isOwner: true, run: null });
      return { kind: "ended", thenRoots: false };
    }
    const works = await this.#open(left);
    const { own } = works;
    // Nobody has stopped in the middle of anything that was paused: what is asked for now begins.
    const isFresh = left === null && runs.length === 0;
    const told = isFresh
      ? forgetPause(records, own.queue, build.build)
      : keepControl(records, own.queue, build.build).then(() => undefined);
    await unlessAborted(told, this.#signal);
    if (passedOver === null) this.#passedOver = await this.#passOver(own, runs);
    await this.#add(own, build, parts);
    return this.#attend(works);
  }

  async #add(own: OwnQueue, build: BuildRecord, parts: readonly OrderedPart[]): Promise<void> {
    const { records, as, thenRoots } = this.#order;
    const carried = await this.#carriedRuns();
    const what = { build, parts, outlivesOwner: as === "service", thenRoots, carried };
    // Questions wait while Redis is away; Ctrl-C must not.
    const { run, atWork } = await unlessAborted(addRun(records, own.queue, what), this.#signal);
    if (atWork > 0) this.#ears.events.push({ kind: "at-work", parts: atWork });
    await this.#begin(own);
    this.#ears.tell({ isOwner: true, run });
  }

  /** What was asked for of an owner before this one began then. */
  async #begin({ queue }: OwnQueue): Promise<void> {
    if (this.#beganMs !== null) return;
    const { records, build } = this.#order;
    const underWay = oldestRunOf(await unlessAborted(queue.jobsOf(build.build), this.#signal));
    const kept = (await this.#carriedRuns()).map(({ run }) => run.run);
    const began = [...kept, ...(underWay === null ? [] : [underWay])].map(runBeganMs);
    this.#beganMs = Math.min(Date.now(), ...began);
    await writeLastRun(records, { beganMs: this.#beganMs, endedMs: null });
  }

  #attend({ own: { queue }, mark }: Works): Promise<RunsEnd> {
    const { records, build, lookEveryMs, ensureEveryMs, onTrouble, onOutput } = this.#order;
    return attendRuns({
      records,
      queue,
      build: build.build,
      passedOver: this.#passedOver,
      mark,
      lookEveryMs: lookEveryMs ?? (records.store.conditional === null ? defaultLookMs : bucketLookMs),
      ensureEveryMs: ensureEveryMs ?? defaultEnsureMs,
      signal: this.#signal,
      onLook: (jobs, progress) => {
        this.#news?.see(jobs);
        this.#ears.events.push({ kind: "look", jobs, progress });
      },
      onOutput: (isThere) => {
        this.#ears.events.push({ kind: "output", isThere });
        onOutput?.(isThere);
      },
      onTrouble,
    });
  }

  /** What the user's folders can fill, now that the source's own parts have been read. */
  async #makeRoots(end: RunsEnd): Promise<RunsEnd> {
    const { records, surroundings } = this.#order;
    const { found, parts } = await orderRootParts(
      records,
      await this.#recorded(),
      surroundings,
      this.#signal,
    );
    this.#ears.events.push({ kind: "roots", found, parts: parts.map(({ part }) => partLabel(part)) });
    if (parts.length === 0) return end;
    await records.writeBuild(found.build);
    const works = this.#works ?? (await this.#open(null));
    await this.#add(works.own, found.build, parts);
    return this.#attend(works);
  }

  /** The queue in which jobs of the build are under way still, left by one who owns it no more. */
  async #leftQueue(): Promise<OwnQueue | null> {
    const { records, build } = this.#order;
    const address = await records.readQueueAddress();
    if (address === null) return null;
    const queue = await joinAddress(records, address);
    const isOurs = queue !== null && isUnderWay(await unlessAborted(queue.jobsOf(build.build), this.#signal));
    if (queue !== null && isOurs) {
      const { url, isPrivate } = address;
      return { queue, url, isPrivate, name: queue.address, close: () => queue.close() };
    }
    await queue?.close();
    await records.removeQueueAddress();
    return null;
  }

  async #open(left: OwnQueue | null): Promise<Works> {
    const { records, build, as, openQueue, startWorker } = this.#order;
    const { events } = this.#ears;
    const own = left ?? (await openQueue());
    const { url, isPrivate, name, queue } = own;
    await records.writeQueueAddress({ url, isPrivate, build: build.build, owner: as });
    const mark = await writeOutputMark(records, build.build);
    await unlessAborted(queue.setMark(build.build, mark.word), this.#signal);
    events.push({ kind: "queue", name, notice: queue.notice });
    const worker = startWorker?.(own, (failure) => this.#noWorker.abort(failure)) ?? null;
    const logs = new PartLogs(records);
    const news = this.#tellNews();
    const stop = listenTo(queue, build.build, {
      events,
      onJob: (event) => {
        logs.hear(event);
        news?.hear(event);
      },
    });
    const stopListening = (): Promise<void> => stop().then(() => logs.close());
    this.#works = { own, mark, worker, stopListening };
    return this.#works;
  }

  #tellNews(): NewsTeller | null {
    const { records, build, onNews, standstillMs } = this.#order;
    if (onNews === undefined) return null;
    this.#news = new NewsTeller({ records, build, tell: onNews, standstillMs });
    return this.#news;
  }

  /**
   * Runs of owners that have gone, of which this queue knows nothing. A command's end with it: nobody waits for them.
   * A service's are carried on by a service, and left to one by a command.
   */
  async #passOver({ queue }: OwnQueue, runs: readonly KeptRun[]): Promise<ReadonlySet<number>> {
    const { records, build, as } = this.#order;
    const { waiting, active, delayed, parked } = await unlessAborted(queue.jobsOf(build.build), this.#signal);
    const known = new Set([...waiting, ...active, ...delayed, ...parked].map(({ run }) => run));
    const left = runs.filter(({ run }) => !known.has(run.run));
    if (as === "service") return numbersOf(left.filter((run) => !run.outlivesOwner));
    for (const run of left) if (!run.outlivesOwner) await dropRun(records, run);
    return numbersOf(left);
  }

  async #carriedRuns(): Promise<KeptRun[]> {
    return (await listRuns(this.#order.records)).filter(({ run }) => !this.#passedOver.has(run.run));
  }

  /** As it stands now: whoever was allowed to add parts has written it meanwhile. */
  async #recorded(): Promise<BuildRecord> {
    return (await this.#order.records.readBuild()) ?? this.#order.build;
  }

  async #forgetHolds(queue: OwnQueue["queue"]): Promise<void> {
    const { records, build } = this.#order;
    await forgetPause(records, queue, build.build);
    await forgetHolds(records, queue, build.build);
  }

  async #close(): Promise<void> {
    const { records } = this.#order;
    const endedMs = Date.now();
    this.#ears.events.push({ kind: "stopping" });
    await this.#news?.close();
    if (this.#works === null) return;
    const { own, worker, stopListening } = this.#works;
    await worker?.stop();
    await stopListening();
    const isOurs = !this.#term.lock.lost.aborted;
    if (isOurs && (own.isPrivate || !(await this.#isLeftUnderWay(own)))) {
      await records.removeQueueAddress();
      if (this.#beganMs !== null) await writeLastRun(records, { beganMs: this.#beganMs, endedMs });
    }
    await own.close();
  }

  /** Workers elsewhere may go on with a queue that others can reach, and it can still be steered. */
  async #isLeftUnderWay({ queue }: OwnQueue): Promise<boolean> {
    const { build } = this.#order.build;
    const jobs = await unlessAborted(queue.jobsOf(build), AbortSignal.timeout(1_000)).catch(() => null);
    return jobs === null || isUnderWay(jobs);
  }
}

function numbersOf(runs: readonly KeptRun[]): ReadonlySet<number> {
  return new Set(runs.map(({ run }) => run.run));
}
