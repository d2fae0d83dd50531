import type { TextPool, TokenResult } from "@shardmill/core";
import { ConversationTokenizer } from "./conversation-tokenizer.ts";
import { PartsFile } from "./parts-file.ts";
import { type TextCall, TextCalls } from "./text-calls.ts";
import { type PoolTime, TextSeat } from "./text-seat.ts";
import type { TokenizerParts } from "./tokenizer-files.ts";

/** A template is a program: one that does not end costs its conversation and nothing else. */
const defaultLimitMs = 60_000;
/** After this time without work all children end but one. */
const idleMs = 10_000;

/**
 * Child processes that tokenize, each with a tokenizer of its own, so that nobody's event loop waits for a template or an
 * encoder, and nobody is lost with one. Those who wait at the same moment share a message to a child. Throws a Failure
 * `tokenizer_invalid` where the files cannot be used, before any child is begun.
 */
export async function openTextPool(
  parts: TokenizerParts,
  { size, limitMs = defaultLimitMs }: { readonly size: number; readonly limitMs?: number },
): Promise<TextPool> {
  ConversationTokenizer.open(parts);
  const file = await PartsFile.open(parts);
  const time: PoolTime = { limitMs, lateInARow: 0 };
  return new Children(
    file,
    Array.from({ length: size }, () => new TextSeat(file, time)),
  );
}

class Children implements TextPool {
  readonly #file: PartsFile;
  readonly #seats: readonly TextSeat[];
  readonly #calls = new TextCalls();
  /** Seats that nobody has, with what ends their children after some time. */
  readonly #idle = new Map<TextSeat, NodeJS.Timeout | null>();
  #isGathering = false;
  #isClosed = false;

  constructor(file: PartsFile, seats: readonly TextSeat[]) {
    this.#file = file;
    this.#seats = seats;
    for (const seat of seats) this.#idle.set(seat, null);
  }

  tokenize(...[messages, settings, signal]: Parameters<TextPool["tokenize"]>): Promise<TokenResult> {
    if (this.#isClosed) return Promise.reject(closed());
    const result = this.#calls.ask(messages, settings, signal);
    this.#gather();
    return result;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#calls.refuse(closed());
    for (const timer of this.#idle.values()) clearTimeout(timer ?? undefined);
    await Promise.all(this.#seats.map((seat) => seat.close()));
    await this.#file.remove();
  }

  /** Whoever asks before the event loop goes round shares a batch: after one is answered, most of its callers ask anew. */
  #gather(): void {
    if (this.#isGathering || this.#idle.size === 0 || this.#isClosed) return;
    this.#isGathering = true;
    setImmediate(() => {
      this.#isGathering = false;
      while (!this.#calls.isEmpty && this.#idle.size > 0) void this.#serve(this.#calls.take(this.#idle.size));
    });
  }

  async #serve(batch: readonly TextCall[]): Promise<void> {
    const seat = this.#takeSeat();
    this.#calls.again(await seat.serve(batch));
    if (this.#isClosed) return;
    this.#idle.set(seat, setTimeout(() => void this.#retire(seat), idleMs).unref());
    if (!this.#calls.isEmpty) this.#gather();
  }

  /** One that has a child already, if there is one. */
  #takeSeat(): TextSeat {
    const idle = [...this.#idle.keys()];
    const seat = idle.find(({ hasChild }) => hasChild) ?? idle[0];
    if (seat === undefined) throw new Error("no seat is idle");
    clearTimeout(this.#idle.get(seat) ?? undefined);
    this.#idle.delete(seat);
    return seat;
  }

  /** One child stays, so that whoever comes after a pause need not wait for one to begin. */
  async #retire(seat: TextSeat): Promise<void> {
    if (this.#seats.some((other) => other !== seat && other.hasChild)) await seat.end();
  }
}

function closed(): Error {
  return new Error("the text pool is closed");
}
