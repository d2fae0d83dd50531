import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { startApi } from "@shardmill/api";
import { Failure } from "@shardmill/core";
import { readToolchain } from "@shardmill/media";
import { type OwnQueue, openOwnQueue } from "@shardmill/owner";
import { openStore, outputFailure } from "@shardmill/store";
import type { NotifyOptions, WorkOptions } from "../commands/shared-options.ts";
import type { CommandContext } from "../context/command-context.ts";
import { openLog } from "../context/open-log.ts";
import { surroundingsOf } from "../context/surroundings.ts";
import { Notifier } from "../notify/notifier.ts";
import { notifySettings, standstillMs } from "../notify/notify-settings.ts";
import { type PlaceOptions, readyPlace, useScratch } from "../output/ready-place.ts";
import { version } from "../version.ts";
import { LocalWorker } from "../worker/local-worker.ts";
import { workerArgs } from "../worker/worker-args.ts";

interface Options extends WorkOptions, NotifyOptions, PlaceOptions {
  readonly host: string;
  readonly port: number;
  readonly sourceFolder: string[];
  readonly allowHost: string[];
  readonly localWorker: boolean;
}

/** Serves until told to stop. */
export async function serve(context: CommandContext, options: Options): Promise<void> {
  const { settings, console, signal } = context;
  useScratch(options);
  const readyOutput = untilWell(() => readyPlace(options));
  // Whoever only looks may have keys that cannot write: the bucket is tried when something is asked for.
  if (options.localWorker) await readyOutput();
  // Refuses what is no folder in the house's words.
  const { root: out, machine } = await openStore(options.out);
  await mkdir(machine.root, { recursive: true }).catch((error: unknown) => {
    throw outputFailure(error, "making", out);
  });
  const log = openLog({ service: "api" }, 2);
  const notify = await notifySettings(settings, options);
  const notifier =
    notify === null
      ? null
      : new Notifier(notify, { environment: process.env, note: (line) => log.warn(line) });
  const own = await openOwnQueue(settings.redisUrl, {
    ...settings.queue,
    signal,
    onRefusal: (why) =>
      why === null ? log.info("the queue is served again") : log.warn({ why }, "the queue is refused"),
  });
  if (own.queue.notice !== null) log.warn(own.queue.notice);
  const worker = options.localWorker
    ? startWorker({ out, logDir: machine.absolute(".logs") }, own, options, console)
    : null;
  try {
    const api = await startApi({
      catalogue: await context.catalogue(),
      presets: await context.presets(),
      queue: own,
      surroundings: { ...surroundingsOf(settings, options), gate: own.queue.rateGate() },
      toolchain: (decoder) => readToolchain(decoder),
      sourceFolders: foldersOf(options.sourceFolder),
      token: settings.apiToken,
      readyOutput,
      onNews: notifier === null ? undefined : (news) => notifier.tell(news),
      standstillMs: standstillMs(settings),
      host: options.host,
      port: options.port,
      allowedHosts: options.allowHost,
      dashboardDir: dashboardDir(),
      log,
      version,
    });
    console.out(`Shardmill serves ${api.url}  (queue: ${own.name}, output: ${options.out})`);
    await aborted(signal);
    await api.close();
    await notifier?.close(signal);
  } finally {
    await worker?.stop(context.hardStop);
    await own.close();
  }
  // Its exit code tells what ended it.
  signal.throwIfAborted();
}

/** Once, if it ends well. */
function untilWell(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => {
    done ??= work().catch((error: unknown) => {
      done = null;
      throw error;
    });
    return done;
  };
}

function startWorker(
  { out, logDir }: { readonly out: string; readonly logDir: string },
  own: OwnQueue,
  options: Options,
  console: CommandContext["console"],
): LocalWorker {
  return new LocalWorker({
    redisUrl: own.url,
    outRoot: out,
    logDir,
    args: workerArgs(options),
    environment: process.env,
    onLost: (how) => console.note(`the worker was lost (${how}); another one takes over`),
    onNote: (note) => console.note(note),
    onGivenUp: (why) =>
      console.note(`the worker does not start: ${why}; builds wait until another one is there`),
  });
}

function foldersOf(pairs: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    pairs.map((pair) => {
      const [dataset = "", folder = ""] = pair.split("=", 2);
      if (dataset === "" || !existsSync(folder)) {
        throw new Failure(
          "wrong_use",
          `--source-folder ${pair}: expected dataset=dir with a folder that exists`,
        );
      }
      return [dataset, resolve(folder)];
    }),
  );
}

function dashboardDir(): string | null {
  const dir = fileURLToPath(new URL("../../../dashboard/dist", import.meta.url));
  return existsSync(join(dir, "index.html")) ? dir : null;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener("abort", () => done(), { once: true });
  });
}
