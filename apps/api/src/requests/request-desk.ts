import { type BuildRecord, type Dataset, Failure, isCancellation } from "@shardmill/core";
import {
  composeAgain,
  composeBuild,
  noQueue,
  planBuild,
  type RetryItem,
  selectRetry,
  staleAmong,
  statusOf,
  type BuildRequest as Wish,
  withAsked,
} from "@shardmill/pipeline";
import { enqueueBuild } from "@shardmill/plan-worker";
import type { z } from "zod";
import type { BuildDetail, createBuildSchema, RequestAnswer, retrySchema } from "../contract/index.ts";
import type { BuildNow } from "../read/build-now.ts";
import { summaryOf } from "../read/queue-eye.ts";
import { statusNow } from "../read/status-now.ts";
import { problemOf } from "../secure/answer-problem.ts";
import { ApiProblem } from "../secure/api-problem.ts";
import type { Service } from "../service.ts";
import { answerOfItems, type MoreOfAnswer } from "./answer-of-items.ts";
import { chooseParts } from "./choose-parts.ts";
import { partsAsked, readSelection } from "./read-selection.ts";

type Create = z.output<typeof createBuildSchema>;
type Retry = z.output<typeof retrySchema>;

/** A listing that takes longer than this is given up. */
const planningLimitMs = 300_000;
const dryRunLimitMs = 60_000;

/**
 * Takes requests, one at a time for each dataset. Planning asks the source, which may take long: a request is answered
 * `planning` when it has not ended in time, goes on by itself, and its error, if any, is shown with the build.
 */
export class RequestDesk {
  readonly #room: Service;
  readonly #planning = new Map<string, { readonly text: string; readonly work: Promise<RequestAnswer> }>();
  readonly #problems = new Map<string, NonNullable<BuildDetail["request"]>>();
  #lastRun = 0;

  constructor(room: Service) {
    this.#room = room;
  }

  stateOf(dataset: string): BuildDetail["request"] {
    if (this.#planning.has(dataset)) return { state: "planning", problem: null };
    return this.#problems.get(dataset) ?? null;
  }

  /** Ends when nothing is being planned any more; the service's signal stops what is. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#planning.values()].map(({ work }) => work));
  }

  async create(request: Create): Promise<RequestAnswer> {
    this.#room.books(request.dataset);
    const wish = await this.#wishOf(request);
    if (request.dryRun === true) return this.#dryRun(wish);
    return this.#oneAtATime(request.dataset, JSON.stringify(request), () => this.#build(wish));
  }

  async retry(dataset: string, { selection, dryRun }: Retry): Promise<RequestAnswer> {
    const chosen = readSelection(selection);
    if (dryRun === true) {
      const now = await this.#room.build(dataset);
      const status =
        chosen.kind === "stale"
          ? statusNow(statusOf(await this.#lookAgain(now, dryRunLimitMs), now.books, noQueue), now.queue)
          : now.status;
      const stale = staleAmong(status, chosen);
      return answerOfItems("dry_run", dataset, now.build.build, selectRetry(status, chosen), { stale });
    }
    return this.#oneAtATime(dataset, JSON.stringify(selection), async () => {
      if (chosen.kind === "stale") await this.#recordSource(dataset);
      const now = await this.#fresh(dataset);
      const everything = chosen.kind === "missing" && chosen.all === true;
      const stale = staleAmong(now.status, chosen);
      return this.#enqueue(now, selectRetry(now.status, chosen), { everything, stale });
    });
  }

  /** The build as its source is now: what is stale is seen by no other look. */
  #lookAgain({ build }: BuildNow, limitMs: number): Promise<BuildRecord> {
    const { deps } = this.#room;
    const { name } = build.dataset;
    const how = { toolchain: deps.toolchain, sourceFolder: deps.sourceFolders?.get(name) };
    return this.#within(limitMs, name, (signal) => composeAgain(build, how, deps.surroundings, signal));
  }

  async #recordSource(dataset: string): Promise<void> {
    const { keeper } = this.#room;
    const { records } = this.#room.books(dataset);
    await keeper.own(records, dataset);
    try {
      const now = await this.#fresh(dataset);
      await records.writeBuild(await this.#lookAgain(now, planningLimitMs));
    } finally {
      await keeper.releaseIfIdle(dataset);
    }
  }

  async #wishOf({ dataset: name, parts, settings, rebuild }: Create): Promise<Wish> {
    const { deps } = this.#room;
    const dataset = deps.catalogue.get(name);
    const before = await this.#room.books(name).records.readBuild();
    const recorded = before?.source.kind === "folder" ? before.source.location : null;
    return {
      dataset,
      // Folders are named by whoever started the service or an earlier build, never by a request.
      sourceFolder: deps.sourceFolders?.get(name) ?? recorded,
      parts: parts === undefined ? null : partsAsked(parts),
      settings: settings ?? [],
      rebuild: rebuild ?? false,
    };
  }

  async #dryRun(wish: Wish): Promise<RequestAnswer> {
    const { name } = wish.dataset;
    const { deps } = this.#room;
    const { build, survey } = await this.#within(dryRunLimitMs, name, (signal) =>
      composeBuild({ ...wish, toolchain: deps.toolchain }, deps.surroundings, signal),
    );
    const now = await this.#room.buildOrNull(name);
    const status = now === null ? null : statusNow(statusOf(build, now.books, noQueue), now.queue);
    const chosen = chooseParts(survey, status, wish.dataset, wish.rebuild);
    const { remarks } = build;
    return answerOfItems("dry_run", name, now?.build.build ?? null, chosen.items, { ...chosen, remarks });
  }

  async #build(wish: Wish): Promise<RequestAnswer> {
    const { deps, keeper } = this.#room;
    const { name } = wish.dataset;
    const { records } = this.#room.books(name);
    await keeper.own(records, name);
    try {
      const { build, survey } = await this.#within(planningLimitMs, name, (signal) =>
        planBuild({ ...wish, toolchain: deps.toolchain }, deps.surroundings, signal),
      );
      const now = await this.#fresh(name);
      const chosen = chooseParts(survey, now.status, wish.dataset, wish.rebuild);
      return await this.#enqueue(now, chosen.items, { ...chosen, remarks: build.remarks });
    } finally {
      await keeper.releaseIfIdle(name);
    }
  }

  /** Records and queue as they are now: what is at work must not be started twice. */
  async #fresh(dataset: string): Promise<BuildNow> {
    await this.#room.books(dataset).fresh();
    const now = await this.#room.build(dataset);
    const jobs = await this.#room.deps.queue.jobsOf(now.build.build);
    const control = await this.#room.deps.queue.control(now.build.build);
    const queue = { ...now.queue, ...summaryOf(jobs), control };
    return { ...now, queue, status: statusNow(now.status, queue) };
  }

  async #enqueue(
    { build }: BuildNow,
    items: readonly RetryItem[],
    more: MoreOfAnswer & { readonly everything?: boolean },
  ): Promise<RequestAnswer> {
    const dataset = build.dataset.name;
    if (items.length === 0) return answerOfItems("nothing_to_do", dataset, build.build, items, more);
    const { deps, keeper, feed } = this.#room;
    await keeper.own(this.#room.books(dataset).records, build.build);
    try {
      const parts = items.map(({ part }) => part);
      const { records } = this.#room.books(dataset);
      await records.writeBuild(withAsked(build, more.everything === true, parts));
      const request = await enqueueBuild(deps.queue, build, items, this.#nextRun());
      await keeper.keep(request);
      deps.onBuildRequested?.(request);
    } finally {
      await keeper.releaseIfIdle(dataset);
    }
    deps.log.info({ dataset, build: build.build, parts: items.length }, "parts enqueued");
    this.#room.eye.invalidate(build.build);
    feed.changed(dataset, build.build);
    return answerOfItems("queued", dataset, build.build, items, more);
  }

  /** Seconds of the clock, and never the same twice: a retry must not meet the jobs of the run before. */
  #nextRun(): number {
    this.#lastRun = Math.max(Math.floor(this.#room.clock.now() / 1_000), this.#lastRun + 1);
    return this.#lastRun;
  }

  async #oneAtATime(
    dataset: string,
    text: string,
    work: () => Promise<RequestAnswer>,
  ): Promise<RequestAnswer> {
    const before = this.#planning.get(dataset);
    if (before !== undefined && before.text !== text) {
      throw new ApiProblem("at_work", `another request for ${dataset} is being planned`);
    }
    return this.#inTime(dataset, before?.work ?? this.#begin(dataset, text, work));
  }

  #begin(dataset: string, text: string, work: () => Promise<RequestAnswer>): Promise<RequestAnswer> {
    this.#problems.delete(dataset);
    const begun = work()
      .catch((error: unknown) => {
        this.#problems.set(dataset, { state: "failed", problem: problemOf(error).problem });
        throw error;
      })
      .finally(() => {
        this.#planning.delete(dataset);
        this.#room.feed.changed(dataset, dataset);
      });
    this.#planning.set(dataset, { text, work: begun });
    return begun;
  }

  async #inTime(dataset: string, work: Promise<RequestAnswer>): Promise<RequestAnswer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<RequestAnswer>((resolve) => {
      timer = setTimeout(
        () => resolve(answerOfItems("planning", dataset, null, [])),
        this.#room.limits.planningAnswerMs,
      );
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #within<T>(
    limitMs: number,
    dataset: Dataset["name"],
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const limit = AbortSignal.timeout(limitMs);
    const signal = AbortSignal.any([limit, this.#room.signal]);
    try {
      return await work(signal);
    } catch (error) {
      if (limit.aborted && isCancellation(error, signal)) {
        const message = `the source of ${dataset} did not list its files within ${limitMs / 1_000} s`;
        throw new Failure("source_unreachable", message, { where: { dataset }, cause: error });
      }
      throw error;
    }
  }
}
