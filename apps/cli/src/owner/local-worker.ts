import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface LocalWorkerOptions {
  readonly redisUrl: string;
  readonly outRoot: string;
  /** Where the worker's log lines go. */
  readonly logDir: string;
  /** Further arguments of `shardmill worker`. */
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Told each time a worker was lost and another takes its place. */
  readonly onLost: (how: string) => void;
}

/**
 * A worker process that lives as long as its owner: it ends when its stdin does, so that nothing is left over even when
 * the owner is killed with -9. One that is lost is replaced; its jobs are taken again by whoever is there.
 */
export class LocalWorker {
  readonly #options: LocalWorkerOptions;
  #child: ChildProcess;
  #stopping = false;
  #exited: Promise<void>;
  #lostInARow = 0;

  constructor(options: LocalWorkerOptions) {
    this.#options = options;
    mkdirSync(options.logDir, { recursive: true });
    this.#child = this.#start();
    this.#exited = this.#watch(this.#child);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  #start(): ChildProcess {
    const { redisUrl, outRoot, args, environment, logDir } = this.#options;
    const main = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
    const child = spawn(process.execPath, [main, "worker", "--owned", "--out", outRoot, ...args], {
      // A process group of its own: Ctrl-C reaches the owner, which then stops its worker in good order.
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      // The address holds a password: it must not be seen in a list of processes.
      env: { ...environment, REDIS_URL: redisUrl },
    });
    child.stdin?.on("error", () => undefined);
    const keep = logKeeper(join(logDir, "worker.log"));
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    return child;
  }

  async #watch(child: ChildProcess): Promise<void> {
    const startedAt = performance.now();
    const how = await new Promise<string>((resolve) => {
      child.once("exit", (code, signal) => resolve(signal ?? `exit ${code}`));
      child.once("error", (error) => resolve(error.message));
    });
    if (this.#stopping) return;
    this.#lostInARow = performance.now() - startedAt > 5_000 ? 0 : this.#lostInARow + 1;
    this.#options.onLost(how);
    // A worker that cannot even start would otherwise be started for ever, and at full speed.
    await new Promise((resolve) =>
      setTimeout(resolve, Math.min(10_000, 100 * 2 ** Math.max(0, this.#lostInARow - 1))),
    );
    if (this.#stopping) return;
    this.#child = this.#start();
    this.#exited = this.#watch(this.#child);
  }

  /** SIGTERM and 10 s: running shards are handed back. `hard` ends it at once. */
  async stop(hard: AbortSignal): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const kill = (): void => void child.kill("SIGKILL");
    const timer = setTimeout(kill, 10_000);
    hard.addEventListener("abort", kill, { once: true });
    child.kill("SIGTERM");
    if (hard.aborted) kill();
    await this.#exited;
    clearTimeout(timer);
    hard.removeEventListener("abort", kill);
  }
}

/** Appends in order. A full disk loses lines of the log, and nothing else: the worker must never wait for its log. */
function logKeeper(path: string): (chunk: Uint8Array) => void {
  let written: Promise<void> = Promise.resolve();
  return (chunk) => {
    written = written.then(() => appendFile(path, chunk, { mode: 0o600 })).catch(() => undefined);
  };
}
