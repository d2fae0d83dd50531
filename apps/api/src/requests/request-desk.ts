import { outputOf } from "@shardmill/catalogue";
import { type BuildRecord, Failure, type NamedRecipe } from "@shardmill/core";
import { chooseParts, chooseRetry, whileAnswering } from "@shardmill/owner";
import {
  type Books,
  type BuildRequest,
  composeBuild,
  type FindTokenizer,
  keepParts,
  noQueue,
  type RetryItem,
  type RetrySelection,
  selectRetry,
  statusOf,
} from "@shardmill/pipeline";
import type { z } from "zod";
import type { BuildDetail, createBuildSchema, RequestAnswer, retrySchema } from "../contract/index.ts";
import type { BuildNow } from "../read/build-now.ts";
import { summaryOf } from "../read/queue-eye.ts";
import { statusNow } from "../read/status-now.ts";
import { problemOf } from "../secure/answer-problem.ts";
import { ApiProblem } from "../secure/api-problem.ts";
import type { Service } from "../service.ts";
import { answerOfItems, type MoreOfAnswer } from "./answer-of-items.ts";
import { type Asking, deed, look } from "./asking.ts";
import { damagedShards } from "./damaged-shards.ts";
import { queueRemarks } from "./queue-remarks.ts";
import { partsAsked, readSelection } from "./read-selection.ts";
import type { OnPlanning } from "./record-request.ts";
import { recordedFolder } from "./recorded-folder.ts";
import { tellTerms } from "./tell-terms.ts";
import { withinLimit } from "./within-limit.ts";

type Create = z.output<typeof createBuildSchema>;
type Retry = z.output<typeof retrySchema>;

const noBooks: Books = { plans: [], manifests: [], ends: [], annotations: [] };

/**
 * Takes requests, one at a time for each dataset. Planning asks the source, which may take long: a request is answered
 * `planning` when it has not ended in time, goes on by itself, and its error, if any, is shown with the build.
 */
export class RequestDesk {
  readonly #service: Service;
  readonly #planning = new Map<string, { readonly text: string; readonly work: Promise<RequestAnswer> }>();
  /** Why the last request was refused, by dataset; whoever has read it takes it away. */
  readonly problems = new Map<string, NonNullable<BuildDetail["request"]>>();

  constructor(service: Service) {
    this.#service = service;
  }

  stateOf(dataset: string): BuildDetail["request"] {
    if (this.#planning.has(dataset)) return { state: "planning", problem: null };
    return this.problems.get(dataset) ?? null;
  }

  /** Ends when nothing is being planned any more; the service's signal stops what is. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#planning.values()].map(({ work }) => work));
  }

  async create(create: Create, onPlanning: OnPlanning): Promise<RequestAnswer> {
    this.#service.books(create.dataset);
    const request = await this.#requestOf(create);
    if (create.dryRun === true) return this.#dryRun(request);
    await this.#service.outputs.admit(request.dataset);
    await this.#mustAnswer(request.dataset.name);
    const text = JSON.stringify(create);
    return this.#oneAtATime(request.dataset.name, { text, onPlanning }, () =>
      this.#build(request, create.acceptTerms === true),
    );
  }

  async retry(dataset: string, { selection, dryRun }: Retry, onPlanning: OnPlanning): Promise<RequestAnswer> {
    const chosen = readSelection(selection);
    // Told at once: a look at the source may take minutes, and makes no part that could be stale.
    const known = await this.#service.view(dataset);
    if (chosen.kind === "stale" || chosen.kind === "corrupt") selectRetry(known.status, chosen);
    if (dryRun === true) {
      const { build, items, more } = await this.#select(dataset, chosen, look);
      return answerOfItems({ state: "dry_run", dataset, build: build.build, items, ...more });
    }
    await this.#mustAnswer(dataset);
    const text = JSON.stringify(selection);
    return this.#oneAtATime(dataset, { text, onPlanning }, async () => {
      const { build, items, more } = await this.#select(dataset, chosen, deed);
      // What was thought stale may be again as it was planned: the record must not say otherwise.
      if (items.length === 0 && chosen.kind !== "stale")
        return answerOfItems({ state: "nothing_to_do", dataset, build: build.build, items, ...more });
      return this.#make(build, items, more, { mayHandOver: true, thenRoots: false });
    });
  }

  /** A request is taken where output and queue can take it, and else refused at once: nothing of it is done later. */
  async #mustAnswer(dataset: string): Promise<void> {
    const { queues, deps } = this.#service;
    await deps.readyOutput?.();
    const queue = await queues.ofReachable(this.#service.books(dataset).records);
    await (queue ?? queues.own).ping();
  }

  /** What a retry runs, or would. */
  async #select(
    dataset: string,
    selection: RetrySelection,
    how: Asking,
  ): Promise<{ build: BuildRecord; items: readonly RetryItem[]; more: MoreOfAnswer }> {
    const { deps } = this.#service;
    const now = await this.#fresh(dataset, how);
    const { build, items, stale, unread } = await chooseRetry({
      records: this.#service.books(dataset).records,
      build: now.build,
      selection,
      surroundings: { ...deps.surroundings, isLook: how.isLook },
      toolchain: deps.toolchain,
      sourceFolder: deps.sourceFolders?.get(now.build.entry ?? dataset),
      isLooking: false,
      statusOf: async (found) =>
        statusNow(found === now.build ? now.recorded : statusOf(found, now.books, noQueue), now.queue),
      damagedOf: (labels) => damagedShards(this.#service, dataset, labels),
      within: (work) => withinLimit(this.#service, how.limitMs, dataset, work),
    });
    const unreadRoots = unread.map(({ subset, failure }) => `${subset}: ${failure.message}`);
    return { build, items, more: { stale, remarks: [...queueRemarks(now), ...unreadRoots] } };
  }

  async #requestOf({ dataset: name, as, parts, recipe, settings, rebuild }: Create): Promise<BuildRequest> {
    const { deps } = this.#service;
    const dataset = outputOf(deps.catalogue, name, as);
    const recorded = await recordedFolder(this.#service, [dataset.name, name]);
    return {
      dataset,
      ...(dataset.name === name ? {} : { entry: name }),
      // Folders are named by whoever started the service or an earlier build, never by a request.
      sourceFolder: deps.sourceFolders?.get(name) ?? recorded,
      parts: parts === undefined ? null : partsAsked(parts),
      named: recipe === undefined ? undefined : this.#recipe(recipe),
      settings: settings ?? [],
      rebuild: rebuild ?? false,
    };
  }

  async #dryRun(request: BuildRequest): Promise<RequestAnswer> {
    const { now, chosen, remarks } = await this.#choose(request, look);
    const of = { dataset: request.dataset.name, build: now?.build.build ?? null };
    return answerOfItems({ state: "dry_run", ...of, ...chosen, remarks });
  }

  /** Nothing is written before it is known that nobody else owns the build. */
  async #build(request: BuildRequest, accepts: boolean): Promise<RequestAnswer> {
    const { composed, chosen, remarks } = await this.#choose(request, deed);
    const { build } = composed;
    const { records } = this.#service.books(build.dataset.name);
    await keepParts(records, composed);
    const terms = await tellTerms(records, build.dataset, accepts);
    const more = { ...chosen, remarks: [...terms, ...remarks] };
    return this.#make(build, chosen.items, more, { mayHandOver: false, thenRoots: true });
  }

  /** What a request for a build makes, or would. */
  async #choose(request: BuildRequest, how: Asking) {
    const composed = await this.#compose(request, how);
    const { build } = composed;
    const { name } = build.dataset;
    const now = this.#service.isKnown(name) ? await this.#freshOrNull(name, how) : null;
    const chosen = chooseParts(build, now?.books ?? noBooks, now?.queue ?? noQueue, request.rebuild);
    return { composed, now, chosen, remarks: [...build.remarks, ...queueRemarks(now)] };
  }

  #compose(request: BuildRequest, { limitMs, isLook }: Asking): ReturnType<typeof composeBuild> {
    const { toolchain, ...deps } = this.#service.deps;
    const surroundings = { ...deps.surroundings, isLook };
    const tokenizers = (name: string) => this.#tokenizer(name);
    return withinLimit(this.#service, limitMs, request.dataset.name, (signal) =>
      composeBuild({ ...request, toolchain, tokenizers }, surroundings, signal),
    );
  }

  /** By its name only: a request names no folder of this machine. */
  #tokenizer(name: string): ReturnType<FindTokenizer> {
    const { presets } = this.#service.deps;
    const entry = presets?.tokenizer(name) ?? null;
    if (entry !== null) return { kind: "entry", entry };
    const known = presets?.tokenizerNames().join(", ") ?? "none";
    throw new Failure("wrong_use", `there is no tokenizer of that name; known are ${known}`);
  }

  #recipe(name: string): NamedRecipe {
    const { presets } = this.#service.deps;
    if (presets !== undefined) return presets.recipe(name);
    throw new Failure("wrong_use", "this service has no named recipes");
  }

  /** Records and queue as they are now: what is at work must not be started twice. */
  async #freshOrNull(dataset: string, { isLook }: Asking): Promise<BuildNow | null> {
    const books = this.#service.books(dataset);
    await books.fresh();
    const now = await this.#service.buildOrNull(dataset);
    if (now === null) return null;
    const queue = await this.#service.queues.ofReachable(books.records);
    // Whether somebody owns the build all the same is told by its lock.
    if (queue === null || (isLook && now.queue.problem !== null)) return now;
    const asked = Promise.all([queue.jobsOf(now.build.build), queue.control(now.build.build)]);
    const [jobs, control] = await whileAnswering(queue, asked);
    const summary = await summaryOf(books.records, jobs);
    const inQueue = { ...now.queue, problem: null, ...summary, control };
    return { ...now, queue: inQueue, status: statusNow(now.recorded, inQueue) };
  }

  async #fresh(dataset: string, how: Asking): Promise<BuildNow> {
    return (await this.#freshOrNull(dataset, how)) ?? this.#service.build(dataset);
  }

  async #make(
    build: BuildRecord,
    items: readonly RetryItem[],
    more: MoreOfAnswer,
    how: { readonly mayHandOver: boolean; readonly thenRoots: boolean },
  ): Promise<RequestAnswer> {
    const { deps, owned, feed, eye, outputs } = this.#service;
    const dataset = build.dataset.name;
    const parts = items.map(({ part, order }) => ({ part, order }));
    const books = this.#service.books(dataset);
    await owned.make({ records: this.#service.workRecords(dataset), build, parts, ...how });
    // Whoever asks next is shown the build as it was asked for.
    outputs.isMade(dataset);
    await books.fresh();
    deps.log.info({ dataset, build: build.build, parts: items.length }, "parts asked for");
    eye.invalidate(build.build);
    feed.changed(dataset, build.build);
    const state = items.length === 0 ? "nothing_to_do" : "queued";
    return answerOfItems({ state, dataset, build: build.build, items, ...more });
  }

  async #oneAtATime(
    dataset: string,
    { text, onPlanning }: { readonly text: string; readonly onPlanning: OnPlanning },
    work: () => Promise<RequestAnswer>,
  ): Promise<RequestAnswer> {
    const before = this.#planning.get(dataset);
    if (before !== undefined && before.text !== text) {
      throw new ApiProblem("at_work", `another request for ${dataset} is being planned`);
    }
    const begun = before?.work ?? this.#begin(dataset, text, work);
    onPlanning(begun);
    return this.#inTime(dataset, begun);
  }

  #begin(dataset: string, text: string, work: () => Promise<RequestAnswer>): Promise<RequestAnswer> {
    this.problems.delete(dataset);
    const begun = work()
      .catch((error: unknown) => {
        this.problems.set(dataset, { state: "failed", problem: problemOf(error).problem });
        throw error;
      })
      .finally(() => {
        this.#planning.delete(dataset);
        this.#service.feed.changed(dataset, dataset);
      });
    this.#planning.set(dataset, { text, work: begun });
    return begun;
  }

  async #inTime(dataset: string, work: Promise<RequestAnswer>): Promise<RequestAnswer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<RequestAnswer>((resolve) => {
      timer = setTimeout(
        () => resolve(answerOfItems({ state: "planning", dataset, build: null, items: [] })),
        this.#service.limits.planningAnswerMs,
      );
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
