import { type BuildRecord, Failure, systemClock, unlessAborted } from "@shardmill/core";
import {
  type Asked,
  asRecorded,
  commandOrigin,
  type OrderedPart,
  type OwnedBuild,
  type OwnerEvent,
  type OwnQueue,
  type OwnWorker,
  openOwnQueue,
  ownBuild,
  partsAtWork,
  readBuildTime,
} from "@shardmill/owner";
import {
  noQueue,
  readStatus,
  StandingBooks,
  type Surroundings,
  statusOf,
  type UnreadSubset,
} from "@shardmill/pipeline";
import type { Records } from "@shardmill/store";
import type { CommandContext } from "../context/command-context.ts";
import { Notifier } from "../notify/notifier.ts";
import { type NotifySettings, standstillMs } from "../notify/notify-settings.ts";
import { ProgressScreen } from "../screen/progress-screen.ts";
import { plural } from "../text/format.ts";
import { LocalWorker } from "../worker/local-worker.ts";
import type { TimedStatus } from "./status.ts";

export interface RunBuild {
  readonly records: Records;
  readonly build: BuildRecord;
  readonly parts: readonly OrderedPart[];
  /** Labels that the screen is about; parts that others ask for join them. */
  readonly asked: readonly string[];
  readonly surroundings: Surroundings;
  /** Arguments of the local worker: how many clips at once, memory, bandwidth, cache. */
  readonly workerArgs: readonly string[];
  /** Who is to be told of it, as long as this process owns it. */
  readonly notify?: NotifySettings | null;
  /** Where another process owns the build, it is given the parts, and this command watches. */
  readonly mayHandOver: boolean;
  readonly thenRoots: boolean;
  /** What a person has asked for, to be kept beside the records; none of what no person did. */
  readonly request?: Pick<Asked, "verb" | "about">;
  /** The command that carries on with a stopped build. */
  readonly comeBack: string;
}

interface RanBuild extends TimedStatus {
  /** Labels of the parts that were made of the user's own folders. */
  readonly roots: readonly string[];
  readonly unread: readonly UnreadSubset[];
}

/** Has a build owned until it ends, by this process or by the one that owns it already, and shows it meanwhile. */
export async function runBuild(context: CommandContext, run: RunBuild): Promise<RanBuild> {
  const shown = new ShownBuild(context, run);
  const { records, build, parts, surroundings, mayHandOver, thenRoots } = run;
  const { settings, signal } = context;
  const notifier = notifierOf(run, shown);
  const owned = ownBuild({
    onNews: notifier === null ? undefined : (news) => notifier.tell(news),
    standstillMs: standstillMs(settings),
    records,
    build,
    parts,
    surroundings,
    mayHandOver,
    thenRoots,
    as: "command",
    openQueue: () =>
      openOwnQueue(settings.redisUrl, {
        ...settings.queue,
        connectWithinMs: answerWithinMs,
        signal,
        onRefusal: (why) => shown.screen.refusal(why),
      }),
    startWorker: (queue, fail) => startWorker(context, run, shown, { queue, fail }),
    signal,
  });
  const kept = keepRequest(run, owned);
  try {
    for await (const event of owned.events) await shown.show(event);
    await owned.ended;
  } catch (error) {
    await owned.stop();
    throw error;
  } finally {
    shown.close();
    await kept;
    await notifier?.close(signal);
  }
  const now = (await records.readBuild()) ?? build;
  const status = await readStatus(records, now, noQueue);
  const time = await readBuildTime(records, { oldestRun: null, newestAt: status.newestAt }, Date.now());
  const { roots, unread } = shown;
  return { status, time, roots, unread };
}

/** Once it is known what came of it; a refusal is told by the command. */
async function keepRequest({ records, request }: RunBuild, { began }: OwnedBuild): Promise<void> {
  if (request === undefined) return;
  const asked = { ...request, origin: commandOrigin() };
  await asRecorded(
    () => records,
    asked,
    () => began,
    ({ run }) => ({ result: run === null ? "nothing_to_do" : "queued", parts: run?.run.parts.length ?? 0 }),
  ).catch(() => undefined);
}

function notifierOf({ notify }: RunBuild, shown: ShownBuild): Notifier | null {
  if (notify == null) return null;
  return new Notifier(notify, { environment: process.env, note: (line) => shown.screen.note(line) });
}

/** What a person sees of it. */
class ShownBuild {
  readonly #context: CommandContext;
  readonly #run: RunBuild;
  #build: BuildRecord;
  readonly #books: StandingBooks;
  #isGuest = false;
  screen: ProgressScreen;
  roots: readonly string[] = [];
  unread: readonly UnreadSubset[] = [];

  constructor(context: CommandContext, run: RunBuild) {
    this.#context = context;
    this.#run = run;
    this.#build = run.build;
    this.#books = new StandingBooks(run.records, systemClock);
    this.screen = this.#screenOf(run.asked);
  }

  async show(event: OwnerEvent): Promise<void> {
    const { screen } = this;
    switch (event.kind) {
      case "queue":
        // What it does from here on is worth more than what it prints.
        this.#context.outliveTerminal();
        this.#isGuest = false;
        screen.queueOpened(event.name);
        return event.notice === null ? undefined : screen.note(`note: ${event.notice}`);
      case "handed":
        this.#isGuest = true;
        return screen.note(
          `handed to process ${event.pid} on ${event.host}, which owns the build; this command watches`,
        );
      case "at-work":
        return screen.note(`${event.parts} of the parts are at work already: they are not started twice`);
      case "control":
        return screen.control(event.control);
      case "job":
        return screen.event(event.event);
      case "look": {
        const view = await partsAtWork(this.#run.records, event.jobs);
        screen.include([...view.running, ...view.queued]);
        const books = await this.#books.readWhenDue().catch(unlessOfOutput);
        const status = books === null ? null : statusOf(this.#build, books, view);
        return status === null ? undefined : screen.status(status, event.progress);
      }
      case "output":
        return screen.note(
          event.isThere
            ? "the output is there again: the build goes on"
            : "the output is away: the build waits for it, and goes on by itself (output_away)",
        );
      case "roots":
        return this.#showRoots(event);
      case "stopping":
        return screen.stopping(this.#context.signal.aborted);
      default:
        return event satisfies never;
    }
  }

  close(): void {
    this.screen.close();
    if (this.#isGuest && this.#context.signal.aborted)
      this.#context.console.note("the build goes on: another process owns it");
  }

  #showRoots({ found, parts }: Extract<OwnerEvent, { kind: "roots" }>): void {
    this.unread = found.unread;
    if (parts.length === 0) return;
    this.#build = found.build;
    this.roots = parts;
    this.screen.close();
    this.#context.console.note(`${plural(parts.length, "part")} of media from your roots`);
    this.screen = this.#screenOf(parts);
  }

  #screenOf(asked: readonly string[]): ProgressScreen {
    const { console } = this.#context;
    return new ProgressScreen({ console, stream: process.stdout, asked, comeBack: this.#run.comeBack });
  }
}

/** Whoever asks for a build is answered within two seconds. */
const answerWithinMs = 1_800;

/** Null where the output cannot be read now: its owner tells of that. */
function unlessOfOutput(error: unknown): null {
  if (error instanceof Failure && /^(?:output|bucket)_/.test(error.code)) return null;
  throw error;
}

function startWorker(
  { hardStop }: CommandContext,
  { records, workerArgs }: RunBuild,
  shown: ShownBuild,
  { queue, fail }: { readonly queue: OwnQueue; readonly fail: (failure: Failure) => void },
): OwnWorker {
  const logDir = records.store.machine.absolute(`${records.paths.records}/logs`);
  const worker = new LocalWorker({
    redisUrl: queue.url,
    outRoot: records.store.root,
    logDir,
    args: workerArgs,
    environment: process.env,
    onLost: (how) => shown.screen.note(`the worker was lost (${how}); another one takes over`),
    onNote: (note) => shown.screen.note(note),
    onGivenUp: (why) => void giveUp(queue, `${why}; its log: ${logDir}/worker.log`, shown, fail),
  });
  return { stop: () => worker.stop(hardStop) };
}

/** Where no worker of this machine starts, only those of other machines can carry the build on. */
async function giveUp(
  { queue }: OwnQueue,
  why: string,
  shown: ShownBuild,
  fail: (failure: Failure) => void,
): Promise<void> {
  const failure = new Failure("worker_failed", `the worker does not start: ${why}`);
  const others = await unlessAborted(queue.workers(), AbortSignal.timeout(2_000)).catch(() => []);
  if (others.length === 0) fail(failure);
  else shown.screen.note(`${failure.message}; the build goes on with those of other machines`);
}
