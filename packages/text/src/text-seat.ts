import { Failure, reject, type TokenResult } from "@shardmill/core";
import type { Demand } from "./demand.ts";
import type { PartsFile } from "./parts-file.ts";
import type { Threw } from "./serve-tasks.ts";
import { type Lost, TaskProcess } from "./task-process.ts";
import type { TextCall } from "./text-calls.ts";
import type { TextTask } from "./text-child.ts";

/** Whoever stops all processes of a machine may reach a child first: that is no fault of what it was given. */
const attempts = 3;
const startMs = 60_000;
/** Those who share a child are done in a fraction of this. What is not goes on alone, each with its whole time, and none for another's. */
const sharedMs = 5_000;
/** A template that so many conversations in a row do not end with, and none does meanwhile, is no fault of theirs. */
const mostInARow = 5;
const heapMb = 512;

type TextProcess = TaskProcess<TextTask, TokenResult>;

/** What all seats of a pool have in common. */
export interface PoolTime {
  readonly limitMs: number;
  /** Conversations that took all their time, since one was done. */
  lateInARow: number;
}

/** One place for a child, which is begun when it is needed and replaced where it is lost. */
export class TextSeat {
  readonly #file: PartsFile;
  readonly #time: PoolTime;
  #child: TextProcess | null = null;
  #isClosed = false;

  constructor(file: PartsFile, time: PoolTime) {
    this.#file = file;
    this.#time = time;
  }

  get hasChild(): boolean {
    return this.#child?.isAlive === true;
  }

  /** Settles the calls, and gives back those that are to be tried again, each alone. Never throws. */
  async serve(calls: readonly TextCall[], demand: Demand): Promise<readonly TextCall[]> {
    let rest: (() => void) | null = null;
    try {
      const child = await this.#childNow();
      rest = demand.work();
      const tasks = calls.map(({ messages, settings }) => ({ messages, settings }));
      const { limitMs } = this.#time;
      const answers = await child.run(tasks, calls.length > 1 ? Math.min(sharedMs, limitMs) : limitMs);
      if ("kind" in answers)
        return calls.length > 1 ? calls : calls.filter((call) => this.#mayPass(call, answers));
      this.#time.lateInARow = 0;
      for (const [at, call] of calls.entries()) settle(call, answers[at]);
    } catch (error) {
      for (const call of calls) call.reject(error);
    } finally {
      rest?.();
    }
    return [];
  }

  /** Whether a conversation that a child was lost over is to be tried again; else it is rejected. */
  #mayPass(call: TextCall, { isLate, how }: Lost): boolean {
    call.losses += 1;
    if (!isLate && call.losses < attempts) return true;
    if (isLate) this.#time.lateInARow += 1;
    if (this.#time.lateInARow >= mostInARow)
      throw new Failure(
        "tokenizer_invalid",
        `its chat template does not end: of the last ${mostInARow} conversations none did within ${this.#time.limitMs / 1_000} s`,
      );
    const detail = isLate ? how : `the tokenizing process ended in it, ${attempts} times`;
    call.resolve({ kind: "rejected", rejection: reject("tokenize_failed", detail) });
    return false;
  }

  async end(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    await child?.end();
  }

  /** For good. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.end();
  }

  async #childNow(): Promise<TextProcess> {
    if (this.#child?.isAlive === true) return this.#child;
    for (let attempt = 1; ; attempt += 1) {
      const file = await this.#file.path();
      if (this.#isClosed) throw new Error("the text pool is closed");
      const child = new TaskProcess<TextTask, TokenResult>({ name: "text-child", args: [file], heapMb });
      this.#child = child;
      const lost = await child.up(startMs);
      if (lost === null) return child;
      if (lost.isUnusable === true) {
        await this.end();
        throw new Failure("tokenizer_invalid", lost.how);
      }
      if (attempt === attempts || lost.isLate)
        throw new Failure("tokenizer_unavailable", `no tokenizing process can be started: ${lost.how}`);
      if (this.#isClosed) throw new Error("the text pool is closed");
    }
  }
}

function settle(call: TextCall, answer: TokenResult | Threw | undefined): void {
  if (answer === undefined) call.reject(new Error("a text child gave fewer answers than it was asked for"));
  else if (answer.kind === "threw") call.reject(new Error(answer.message, { cause: answer.stack }));
  else call.resolve(answer);
}
