import type { Message, TokenResult, TokenSettings } from "@shardmill/core";

/** What a child is given at once, at most: texts in UTF-16 units, 256 KiB of them. */
const batch = { calls: 32, units: 2 ** 17 };

/** Somebody who waits for the tokens of a conversation. */
export interface TextCall {
  readonly messages: readonly Message[];
  readonly settings: TokenSettings;
  readonly units: number;
  /** How often a child was lost over it alone. */
  losses: number;
  /** Nothing happens to whom has been answered, or was called off. */
  readonly resolve: (result: TokenResult) => void;
  readonly reject: (reason: unknown) => void;
}

/** Those who wait for a child, in the order in which they came; before them those whose child was lost. */
export class TextCalls {
  readonly #fresh = new Set<TextCall>();
  readonly #again = new Set<TextCall>();
  /** All that wait or are under way. */
  readonly #open = new Set<TextCall>();

  get isEmpty(): boolean {
    return this.#fresh.size === 0 && this.#again.size === 0;
  }

  /** Waits from now on, until it is settled, or called off: that takes it from nobody else and makes nobody wait. */
  ask(messages: readonly Message[], settings: TokenSettings, signal: AbortSignal): Promise<TokenResult> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const settled = (): void => {
        signal.removeEventListener("abort", leave);
        this.#fresh.delete(call);
        this.#again.delete(call);
        this.#open.delete(call);
      };
      const leave = (): void => call.reject(signal.reason);
      const call: TextCall = {
        ...{ messages, settings, losses: 0 },
        units: messages.reduce((sum, { text }) => sum + text.length, 0),
        resolve: (result) => {
          settled();
          resolve(result);
        },
        reject: (reason) => {
          settled();
          reject(reason);
        },
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#open.add(call);
      this.#fresh.add(call);
    });
  }

  /** The next batch for one of so many idle children: each gets a like share. */
  take(idle: number): TextCall[] {
    for (const call of this.#again) {
      this.#again.delete(call);
      return [call];
    }
    const share = Math.min(batch.calls, Math.ceil(this.#fresh.size / idle));
    const taken: TextCall[] = [];
    let units = 0;
    for (const call of this.#fresh) {
      units += call.units;
      if (taken.length === share || (taken.length > 0 && units > batch.units)) break;
      this.#fresh.delete(call);
      taken.push(call);
    }
    return taken;
  }

  /** Their child was lost over one of them, or by chance: each goes again by itself, unless it was called off. */
  again(calls: readonly TextCall[]): void {
    for (const call of calls) if (this.#open.has(call)) this.#again.add(call);
  }

  /** Nobody is served any more. */
  refuse(reason: Error): void {
    for (const call of this.#open) call.reject(reason);
  }
}
