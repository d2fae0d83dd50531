import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ChildWord, Threw } from "./serve-tasks.ts";

/** What a child runs: of this package, as built JavaScript, also where a test asks. */
export interface ChildMain {
  readonly name: "text-child" | "reader-child";
  readonly args: readonly string[];
  /** What takes more ends its child, and nobody else. */
  readonly heapMb: number;
}

/** Nearly all that a task makes is gone with it. */
const youngHeapMb = 16;
const logTailCharacters = 2_000;

/** A child that is no more, or had to be ended because its time was over. */
export interface Lost {
  readonly kind: "lost";
  readonly isLate: boolean;
  /** What it was begun with is no use to any child. */
  readonly isUnusable?: true;
  /** For a person. */
  readonly how: string;
}

/**
 * A process that does tasks: starting -> up -> (given a batch -> answers)* -> ended. That it is up it says itself, so that a child
 * which cannot start is told from one that was lost over what it was given.
 */
export class TaskProcess<Task, Answer> {
  readonly #process: ChildProcess;
  #pending: ((said: ChildWord<Answer> | Lost) => void) | null = null;
  #end: Lost | null = null;
  #logTail = "";
  readonly #exited: Promise<void>;

  constructor({ name, args, heapMb }: ChildMain) {
    const main = fileURLToPath(new URL(`../dist/${name}.js`, import.meta.url));
    this.#process = fork(main, [...args], {
      serialization: "advanced",
      // A child is one core's work: there are as many children as cores are wanted, and threads beside each only take turns.
      execArgv: [
        `--max-old-space-size=${heapMb}`,
        "--single-threaded-gc",
        `--max-semi-space-size=${youngHeapMb}`,
      ],
      // Nothing of ours: what a template does is not known, and no token of the worker is needed.
      env: {
        ...nodeOptions(),
        ...{ UV_THREADPOOL_SIZE: "1", TOKENIZERS_PARALLELISM: "false", MALLOC_ARENA_MAX: "2" },
      },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#process.on("message", (word) => this.#settle(word as ChildWord<Answer>));
    this.#process.stderr?.on("data", (chunk: Buffer) => {
      this.#logTail = (this.#logTail + chunk.toString("utf8")).slice(-logTailCharacters);
    });
    // Nobody waits for what an idle child might say.
    if (this.#process.stderr !== null && "unref" in this.#process.stderr)
      (this.#process.stderr as { unref(): void }).unref();
    this.#exited = new Promise((resolve) => {
      const ended = (how: string): void => {
        this.#lose({ kind: "lost", isLate: false, how });
        resolve();
      };
      // Of a process that could not be begun, or of a pipe that broke because it has ended.
      this.#process.on("error", (error) => {
        if (this.#process.pid === undefined) ended(error.message);
      });
      this.#process.once("exit", (code, signal) => ended(this.#describe(code, signal)));
    });
  }

  /** Waits until it is up; why it never will be, if it ends before or says so. */
  async up(limitMs: number): Promise<Lost | null> {
    const said = await this.#said(limitMs, () => undefined);
    if (said.kind === "unusable") return { kind: "lost", isLate: false, isUnusable: true, how: said.why };
    return said.kind === "lost" ? said : null;
  }

  get isAlive(): boolean {
    return this.#end === null;
  }

  /** The answers in the order of the tasks. One batch at a time; the pool sees to that. */
  async run(tasks: readonly Task[], limitMs: number): Promise<readonly (Answer | Threw)[] | Lost> {
    const said = await this.#said(limitMs, () => this.#process.send([...tasks]));
    if (said.kind === "up" || said.kind === "unusable")
      throw new Error("a child says that it is up once only");
    return said.kind === "lost" ? said : said.answers;
  }

  /** Ends it at once, whatever it does. */
  async end(): Promise<void> {
    this.#process.kill("SIGKILL");
    this.#process.ref();
    await this.#exited;
  }

  /** What it says next. While somebody waits for that, this process does not end by itself. */
  async #said(limitMs: number, ask: () => void): Promise<ChildWord<Answer> | Lost> {
    if (this.#end !== null) return this.#end;
    const timer = setTimeout(() => {
      this.#lose({ kind: "lost", isLate: true, how: `it took more than ${limitMs / 1_000} s` });
      this.#process.kill("SIGKILL");
    }, limitMs);
    this.#process.ref();
    this.#process.channel?.ref();
    try {
      return await new Promise((resolve) => {
        this.#pending = resolve;
        ask();
      });
    } finally {
      clearTimeout(timer);
      this.#process.unref();
      this.#process.channel?.unref();
    }
  }

  #lose(lost: Lost): void {
    this.#end ??= lost;
    this.#settle(this.#end);
  }

  #settle(said: ChildWord<Answer> | Lost): void {
    const pending = this.#pending;
    this.#pending = null;
    pending?.(said);
  }

  #describe(code: number | null, signal: NodeJS.Signals | null): string {
    const how = signal === null ? `it exited with code ${code}` : `it was ended by ${signal}`;
    const tail = this.#logTail.trim().replace(/\s+/g, " ").slice(-300);
    return tail === "" ? how : `${how}; it had said: ${tail}`;
  }
}

/** What a person has set for all processes of Node's. */
function nodeOptions(): { readonly NODE_OPTIONS?: string } {
  const { NODE_OPTIONS } = process.env;
  return NODE_OPTIONS === undefined ? {} : { NODE_OPTIONS };
}
