import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { startApi } from "@shardmill/api";
import { Failure } from "@shardmill/core";
import { readToolchain } from "@shardmill/media";
import { openStore, outputFailure } from "@shardmill/store";
import type { WorkOptions } from "../commands/shared-options.ts";
import type { CommandContext } from "../context/command-context.ts";
import { openLog } from "../context/open-log.ts";
import { surroundingsOf } from "../context/surroundings.ts";
import { LocalWorker } from "../owner/local-worker.ts";
import { type OwnedQueue, openBuildQueue } from "../owner/open-build-queue.ts";
import { workerArgs } from "../owner/worker-args.ts";
import { version } from "../version.ts";

interface Options extends WorkOptions {
  readonly out: string;
  readonly host: string;
  readonly port: number;
  readonly sourceFolder: string[];
  readonly allowHost: string[];
  readonly localWorker: boolean;
}

/** Serves until told to stop. */
export async function serve(context: CommandContext, options: Options): Promise<void> {
  const { settings, console, signal } = context;
  const out = resolve(options.out);
  // Refuses what is no folder in the house's words.
  await openStore(out);
  await mkdir(out, { recursive: true }).catch((error: unknown) => {
    throw outputFailure(error, "making", out);
  });
  const log = openLog({ service: "api" }, 2);
  const owned = await openBuildQueue(settings, null, "serve", signal, (why) =>
    why === null ? log.info("the queue is served again") : log.warn({ why }, "the queue is refused"),
  );
  if (owned.queue.notice !== null) log.warn(owned.queue.notice);
  const worker = options.localWorker ? startWorker(out, owned, options, console) : null;
  try {
    const api = await startApi({
      catalogue: await context.catalogue(),
      queue: owned.queue,
      surroundings: { ...surroundingsOf(settings, options), gate: owned.queue.rateGate() },
      toolchain: (decoder) => readToolchain(decoder),
      sourceFolders: foldersOf(options.sourceFolder),
      token: settings.apiToken,
      host: options.host,
      port: options.port,
      allowedHosts: options.allowHost,
      dashboardDir: dashboardDir(),
      log,
      version,
    });
    console.out(`Shardmill serves ${api.url}  (queue: ${owned.kind}, output: ${options.out})`);
    await aborted(signal);
    await api.close();
  } finally {
    await worker?.stop(context.hardStop);
    await owned.close();
  }
  // Its exit code tells what ended it.
  signal.throwIfAborted();
}

function startWorker(
  out: string,
  owned: OwnedQueue,
  options: Options,
  console: CommandContext["console"],
): LocalWorker {
  return new LocalWorker({
    redisUrl: owned.url,
    outRoot: out,
    logDir: join(out, ".logs"),
    args: workerArgs(options),
    environment: process.env,
    onLost: (how) => console.note(`the worker was lost (${how}); another one takes over`),
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
