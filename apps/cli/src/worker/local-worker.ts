import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { outputFailure } from "@shardmill/store";
import { lastWords } from "./last-words.ts";

export interface LocalWorkerOptions {
  readonly redisUrl: string;
  readonly outRoot: string;
  /** The folder of the file that its log lines go to; null: they go where those of this process go. */
  readonly logDir: string | null;
  /** Further arguments of `shardmill worker`. */
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Told each time a worker was lost and another takes its place. */
  readonly onLost: (how: string) => void;
  /** Told once, why, when none of several tries in a row came as far as taking work. No other is made. */
  readonly onGivenUp: (why: string) => void;
  /** What it has to say to whoever looks at its owner. */
  readonly onNote?: (note: string) => void;
}

/** Workers in a row that may end before they take work. One that has taken any is replaced as often as it is lost. */
const maxFailedStarts = 5;
const tailLength = 8_192;

/** One process, with what it said last. */
interface Started {
  readonly child: ChildProcess;
  /** It has told that it takes work. */
  isReady: boolean;
  tail: string;
}

/**
 * A worker process that lives as long as its owner: it ends when its stdin does, so that nothing is left over even when
 * the owner is killed with -9. One that is lost is replaced; its jobs are taken again by whoever is there.
 */
export class LocalWorker {
  readonly #options: LocalWorkerOptions;
  #started: Started;
  #stopping = false;
  #exited: Promise<void>;
  #lostInARow = 0;
  #failedStarts = 0;

  constructor(options: LocalWorkerOptions) {
    this.#options = options;
    if (options.logDir !== null) makeFolder(options.logDir);
    this.#started = this.#start();
    this.#exited = this.#watch(this.#started);
  }

  get pid(): number | undefined {
    return this.#started.child.pid;
  }

  #start(): Started {
    const { redisUrl, outRoot, args, environment, logDir } = this.#options;
    const main = fileURLToPath(new URL("../../bin/shardmill.js", import.meta.url));
    const child = spawn(process.execPath, [main, "worker", "--owned", "--out", outRoot, ...args], {
      // A process group of its own: Ctrl-C reaches the owner, which then stops its worker in good order.
      detached: true,
      stdio: ["pipe", logDir === null ? "inherit" : "pipe", "pipe", "ipc"],
      // The address holds a password: it must not be seen in a list of processes.
      env: { ...environment, REDIS_URL: redisUrl },
    });
    child.stdin?.on("error", () => undefined);
    const started: Started = { child, isReady: false, tail: "" };
    child.on("message", (told) => {
      if (isNote(told)) this.#options.onNote?.(told.note);
      else started.isReady = true;
    });
    const keepInLog = logDir === null ? passOn : logKeeper(join(logDir, "worker.log"));
    const keep = (chunk: Buffer): void => {
      keepInLog(chunk);
      if (!started.isReady) started.tail = (started.tail + chunk.toString()).slice(-tailLength);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    return started;
  }

  async #watch(started: Started): Promise<void> {
    const startedAt = performance.now();
    const how = await endOf(started.child);
    if (this.#stopping) return;
    this.#lostInARow = performance.now() - startedAt > 5_000 ? 0 : this.#lostInARow + 1;
    this.#failedStarts = started.isReady ? 0 : this.#failedStarts + 1;
    if (this.#failedStarts === maxFailedStarts) {
      const words = lastWords(started.tail) ?? "it said nothing";
      this.#options.onGivenUp(`${words} (${how}, ${maxFailedStarts} times in a row)`);
      return;
    }
    this.#options.onLost(how);
    // A worker that cannot even start would otherwise be started for ever, and at full speed.
    await new Promise((resolve) =>
      setTimeout(resolve, Math.min(10_000, 100 * 2 ** Math.max(0, this.#lostInARow - 1))),
    );
    if (this.#stopping) return;
    this.#started = this.#start();
    this.#exited = this.#watch(this.#started);
  }

  /**
   * SIGTERM and 10 s: running shards are handed back. `hard` ends it at once. One that `drains` ends them first, for as
   * long as that takes.
   */
  async stop(hard: AbortSignal, { drains = false }: { readonly drains?: boolean } = {}): Promise<void> {
    this.#stopping = true;
    const { child } = this.#started;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const kill = (): void => void child.kill("SIGKILL");
    const timer = drains ? undefined : setTimeout(kill, 10_000);
    // One that was started to drain does not, where its owner is gone.
    if (!drains) child.stdin?.end();
    hard.addEventListener("abort", kill, { once: true });
    child.kill("SIGTERM");
    if (hard.aborted) kill();
    await this.#exited;
    clearTimeout(timer);
    hard.removeEventListener("abort", kill);
  }
}

/** What a worker tells its owner over their channel, beside that it has started. */
export interface WorkerNote {
  readonly note: string;
}

function isNote(told: unknown): told is WorkerNote {
  return typeof told === "object" && told !== null && "note" in told && typeof told.note === "string";
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw outputFailure(error, "making", folder);
  }
}

function passOn(chunk: Uint8Array): void {
  process.stderr.write(chunk);
}

/** How it ended, once all that it said has been read; what it leaves behind may hold its pipes open, and is not waited for. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let how = "";
    child.once("exit", (code, signal) => {
      how = signal ?? `exit ${code}`;
      setTimeout(() => resolve(how), 500).unref();
    });
    child.once("close", () => resolve(how));
    child.once("error", (error) => resolve(error.message));
  });
}

/** Appends in order. A full disk loses lines of the log, and nothing else: the worker must never wait for its log. */
function logKeeper(path: string): (chunk: Uint8Array) => void {
  let written: Promise<void> = Promise.resolve();
  return (chunk) => {
    written = written.then(() => appendFile(path, chunk, { mode: 0o600 })).catch(() => undefined);
  };
}
