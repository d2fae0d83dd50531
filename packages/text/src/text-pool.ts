import type { TextPool, TokenResult } from "@shardmill/core";
import { ChatTemplate } from "./chat-template.ts";
import { Demand } from "./demand.ts";
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
 * encoder, and nobody is lost with one. Those who wait at the same moment share a message to a child. A Failure
 * `tokenizer_invalid` says that the files cannot be used: at once of their template, of the rest to whoever asks for tokens.
 */
export async function openTextPool(
  parts: TokenizerParts,
  { size, limitMs = defaultLimitMs }: { readonly size: number; readonly limitMs?: number },
): Promise<TextPool> {
  // The rest of it takes long to open, which the children do.
  ChatTemplate.parse(parts);
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
  readonly #demand: Demand;
  #isGathering = false;
  #isClosed = false;

  constructor(file: PartsFile, seats: readonly TextSeat[]) {
    this.#file = file;
    this.#seats = seats;
    for (const seat of seats) this.#idle.set(seat, null);
    this.#demand = new Demand(seats.length, () => this.#gather());
  }

  tokenize(...[messages, settings, signal]: Parameters<TextPool["tokenize"]>): Promise<TokenResult> {
    if (this.#isClosed) return Promise.reject(closed());
    const result = this.#calls.ask(messages, settings, signal);
    this.#gather();
    return result;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#demand.close();
    this.#calls.refuse(closed());
    for (const timer of this.#idle.values()) clearTimeout(timer ?? undefined);
    await Promise.all(this.#seats.map((seat) => seat.close()));
    await this.#file.remove();
  }

  /** Whoever asks before the event loop goes round shares a batch: after one is answered, most of its callers ask anew. */
  #gather(): void {
    if (this.#isGathering || this.#free.length === 0 || this.#isClosed) return;
    this.#isGathering = true;
    setImmediate(() => {
      this.#isGathering = false;
      for (let free = this.#free; !this.#calls.isEmpty; free = this.#free) {
        const [seat] = free;
        if (seat === undefined) return;
        void this.#serve(seat, this.#calls.take(free.length));
      }
    });
  }

  /** Idle seats that may be given something: those with a child, and so many others as children are still wanted. */
  get #free(): readonly TextSeat[] {
    const idle = [...this.#idle.keys()];
    const ready = idle.filter(({ hasChild }) => hasChild);
    const working = this.#seats.length - idle.length;
    const more = Math.max(0, this.#demand.wanted - working - ready.length);
    return [...ready, ...idle.filter(({ hasChild }) => !hasChild).slice(0, more)];
  }

  async #serve(seat: TextSeat, batch: readonly TextCall[]): Promise<void> {
    clearTimeout(this.#idle.get(seat) ?? undefined);
    this.#idle.delete(seat);
    this.#calls.again(await seat.serve(batch, this.#demand));
    if (this.#isClosed) return;
    this.#idle.set(seat, setTimeout(() => void this.#retire(seat), idleMs).unref());
    if (!this.#calls.isEmpty) this.#gather();
  }

  /** One child stays, so that whoever comes after a pause need not wait for one to begin. */
  async #retire(seat: TextSeat): Promise<void> {
    const others = this.#seats.filter((other) => other !== seat && other.hasChild).length;
    if (others === 0) return;
    this.#demand.falls(others);
    await seat.end();
  }
}

function closed(): Error {
  return new Error("the text pool is closed");
}
