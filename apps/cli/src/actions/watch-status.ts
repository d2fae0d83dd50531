import { partLabel, systemClock } from "@shardmill/core";
import {
  isOutOfReach,
  isUnderWay,
  joinQueue,
  oldestRunOf,
  partsAtWork,
  readBuildTime,
} from "@shardmill/owner";
import {
  type BuildStatus,
  noQueue,
  type QueueView,
  readStatus,
  StandingBooks,
  statusOf,
} from "@shardmill/pipeline";
import type { BuildJobs, MillQueue } from "@shardmill/queue";
import type { CommandContext } from "../context/command-context.ts";
import { openOutput } from "../output/open-output.ts";
import { ProgressScreen } from "../screen/progress-screen.ts";
import { watchKeys } from "../screen/watch-keys.ts";
import { shellCommand } from "../text/shell-command.ts";
import { printStatus, type StatusOptions, showStatus } from "./status.ts";

const lookEveryMs = 500;
/** A queue that ends with its owner would otherwise be waited for. */
const answerWithinMs = 3_000;

/** Follows a build that runs elsewhere until it ends or the watcher quits; quitting stops nothing but the watching. */
export async function watchStatus(
  context: CommandContext,
  name: string,
  options: StatusOptions,
): Promise<void> {
  const { console, signal, settings } = context;
  const quit = new AbortController();
  const stop = AbortSignal.any([signal, quit.signal]);
  const { records, build } = await openOutput(options.out, name);
  const first = await joinQueue(records, settings.redisUrl, "read").catch((error: unknown) => {
    if (isOutOfReach(error)) return "silent" as const;
    throw error;
  });
  if (first === "silent") return showStatus(context, name, options);
  const jobs = await first?.jobsOf(build.build);
  if (first === null || jobs === undefined || !isUnderWay(jobs)) {
    await first?.close();
    console.note(`no build of ${name} is running in ${options.out}; this is what there is:`);
    return showStatus(context, name, options);
  }
  const seen = { oldestRun: oldestRunOf(jobs), newestAt: null };
  const { seconds } = await readBuildTime(records, seen, Date.now());
  const screen = new ProgressScreen({
    console,
    stream: process.stdout,
    asked: build.selected.map(partLabel),
    startedMs: Date.now() - seconds * 1000,
    isFullScreen: true,
    footer: "q quits watching; the build goes on",
  });
  const books = new StandingBooks(records, systemClock);
  const releaseKeys = watchKeys(process.stdin, () => quit.abort());
  try {
    await follow({ queue: first, build: build.build }, screen, stop, {
      atWork: (jobs) => partsAtWork(records, jobs),
      read: async (view) => statusOf(build, await books.readWhenDue(), view),
    });
  } finally {
    releaseKeys();
    screen.close();
    await first.close();
  }
  if (stop.aborted)
    return console.note(
      `the build goes on. Watch it again: ${shellCommand("shardmill", "status", name, "--watch", "--out", options.out)}`,
    );
  const status = await readStatus(records, build, noQueue);
  const time = await readBuildTime(records, { oldestRun: null, newestAt: status.newestAt }, Date.now());
  printStatus(context, { status, time }, options.all === true);
}

async function follow(
  { queue, build }: { readonly queue: MillQueue; readonly build: string },
  screen: ProgressScreen,
  stop: AbortSignal,
  look: {
    readonly atWork: (jobs: BuildJobs) => Promise<QueueView>;
    readonly read: (view: QueueView) => Promise<BuildStatus>;
  },
): Promise<void> {
  while (!stop.aborted) {
    const seen = await within(answerWithinMs, stop, async () => {
      await queue.ping();
      const [jobs, progress, control] = await Promise.all([
        queue.jobsOf(build),
        queue.progressOf(build),
        queue.control(build),
      ]);
      return { jobs, progress, control };
    });
    if (seen === null || !isUnderWay(seen.jobs)) return;
    screen.control(seen.control);
    const view = await look.atWork(seen.jobs);
    screen.include([...view.running, ...view.queued]);
    screen.status(await look.read(view), seen.progress);
    await pause(lookEveryMs, stop);
  }
}

/** Null when the answer does not come in time, or cannot come any more. */
async function within<T>(ms: number, stop: AbortSignal, ask: () => Promise<T>): Promise<T | null> {
  const late = new AbortController();
  try {
    return await Promise.race([
      ask().catch(() => null),
      pause(ms, AbortSignal.any([late.signal, stop])).then(() => null),
    ]);
  } finally {
    late.abort();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
  });
}
