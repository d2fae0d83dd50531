import { Semaphore } from "@shardmill/core";
import type { ReaderAnswer, ReaderTask } from "./reader-child.ts";
import { type Lost, TaskProcess } from "./task-process.ts";
import type { MarkedRun, MaskedTokens } from "./token-runs.ts";
import type { TokenizerFiles } from "./tokenizer-files.ts";

const bounds = { ms: 30_000, idleMs: 120_000, heapMb: 1_024 };

/** A tokenizer by what it is, and where its files are had once they are needed. */
interface NamedTokenizer {
  readonly id: string;
  files(): Promise<TokenizerFiles>;
}

export type TokensRead =
  | { readonly kind: "runs"; readonly runs: readonly (readonly MarkedRun[])[] }
  /** Why their text cannot be told, in one line. */
  | { readonly kind: "unknown"; readonly why: string };

export interface TokenReader {
  read(tokenizer: NamedTokenizer, lists: readonly MaskedTokens[], signal: AbortSignal): Promise<TokensRead>;
  close(): Promise<void>;
}

/**
 * Tokens as text, read in a child process: opening a tokenizer takes hundreds of milliseconds that nobody's event loop has. The
 * child keeps a few open, and ends when nothing was asked for a while.
 */
export async function openTokenReader(limitMs = bounds.ms): Promise<TokenReader> {
  const child = new ReaderChild(limitMs);
  return {
    read: async ({ id, files }, lists, signal) => {
      const leave = await child.seat.acquire(1, signal);
      try {
        const first = await child.ask({ id, files: null, lists });
        const answer =
          first.kind === "not-open" ? await child.ask({ id, files: await files(), lists }) : first;
        signal.throwIfAborted();
        if (answer.kind === "runs" || answer.kind === "unknown") return answer;
        return unknown(answer.kind === "invalid" ? answer.why : "the tokenizer could not be kept open");
      } finally {
        leave();
      }
    },
    close: () => child.end(),
  };
}

/** The child is begun when somebody asks, and ends when nobody has for a while. */
class ReaderChild {
  /** Whoever's time runs has the child. Who comes later waits here, where he can be called off. */
  readonly seat = new Semaphore(1);
  readonly #limitMs: number;
  #process: TaskProcess<ReaderTask, ReaderAnswer> | null = null;
  #idle: NodeJS.Timeout | undefined;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  async ask(task: ReaderTask): Promise<ReaderAnswer | Extract<TokensRead, { kind: "unknown" }>> {
    clearTimeout(this.#idle);
    const found = await this.#up();
    if ("how" in found) return unknown(`the process that reads tokens does not start: ${found.how}`);
    const answers = await found.run([task], this.#limitMs);
    this.#idle = setTimeout(() => void this.end(), bounds.idleMs).unref();
    if ("kind" in answers)
      return unknown(
        answers.isLate
          ? `reading the tokens took more than ${this.#limitMs / 1_000} s`
          : "the process that reads tokens ended in it",
      );
    const [answer] = answers;
    if (answer === undefined) throw new Error("a reader gave no answer");
    if (answer.kind === "threw") throw new Error(answer.message, { cause: answer.stack });
    return answer;
  }

  async end(): Promise<void> {
    clearTimeout(this.#idle);
    const own = this.#process;
    this.#process = null;
    await own?.end();
  }

  async #up(): Promise<TaskProcess<ReaderTask, ReaderAnswer> | Lost> {
    if (this.#process?.isAlive === true) return this.#process;
    const { heapMb, ms } = bounds;
    const begun = new TaskProcess<ReaderTask, ReaderAnswer>({ name: "reader-child", args: [], heapMb });
    this.#process = begun;
    return (await begun.up(ms)) ?? begun;
  }
}

function unknown(why: string): Extract<TokensRead, { kind: "unknown" }> {
  return { kind: "unknown", why };
}
