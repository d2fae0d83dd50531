import { type Code, Failure } from "@shardmill/core";
import { Fault } from "./fault.ts";
import type { Net } from "./net.ts";

/**
 * How often and how long to try again. Attempts are counted in a row: a single new byte starts the count afresh.
 * A rate limit costs no attempt. What the server asks to wait is told to the gate, so that every worker waits.
 */
export class Patience {
  readonly #net: Net;
  readonly #path: string | null;
  #attempts = 0;
  #rateLimits = 0;

  constructor(net: Net, path: string | null) {
    this.#net = net;
    this.#path = path;
  }

  progress(): void {
    this.#attempts = 0;
    this.#rateLimits = 0;
  }

  /** Waits until the next attempt may start. Anything but a Fault is thrown on, and so is the Fault too many. */
  async after(error: unknown, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    const isRateLimit = error.kind === "rate_limited";
    if (isRateLimit) this.#rateLimits += 1;
    else this.#attempts += 1;
    if (this.#attempts >= this.#net.maxAttempts) throw this.#exhausted(error);
    const waitMs = this.#waitMs(error);
    this.#net.onIncident({
      kind: error.kind,
      source: this.#net.source,
      path: this.#path,
      host: error.host,
      detail: error.message,
      attempt: isRateLimit ? 0 : this.#attempts,
      waitMs,
    });
    if (isRateLimit || error.waitMs !== null) await this.#net.gate.pause(error.host, waitMs);
    else await this.#net.clock.sleep(waitMs, signal);
  }

  /** What was asked, when it is a pace at all: "retry after 0 s", said again and again, would be a hot loop. */
  #waitMs(fault: Fault): number {
    const asked = fault.waitMs;
    if (asked === null) return this.#backoffMs(fault);
    return fault.kind === "rate_limited" && asked < 1000 ? Math.max(asked, this.#backoffMs(fault)) : asked;
  }

  /** Full wait down to half of it: workers that failed together do not come back together. */
  #backoffMs({ kind }: Fault): number {
    // A used-up address is normal: the next one is asked for at once.
    if (kind === "address_refused" && this.#attempts === 1) return 0;
    const count = kind === "rate_limited" ? this.#rateLimits + 1 : this.#attempts;
    const fullMs = Math.min(30_000, this.#net.firstBackoffMs * 2 ** (count - 1));
    return Math.round(fullMs * (1 - this.#net.random() / 2));
  }

  #exhausted(fault: Fault): Failure {
    const what = this.#path === null ? this.#net.source : `${this.#path} of ${this.#net.source}`;
    return new Failure(
      codeOf(fault),
      `${what}: ${fault.host} ${words[fault.kind]} ${this.#attempts} times in a row, last: ${fault.message}`,
      this.#path === null ? {} : { where: { path: this.#path } },
    );
  }
}

function codeOf({ kind }: Fault): Code {
  switch (kind) {
    case "range_ignored":
    case "wrong_range":
    case "invalid_answer":
    case "address_refused":
      return "source_invalid";
    case "rate_limited":
      return "source_rate_limited";
    case "maybe_changed":
      return "source_changed";
    case "unreachable":
    case "cut":
    case "early_end":
    case "stalled":
    case "server_error":
      return "source_unreachable";
    default:
      return kind satisfies never;
  }
}

const words = {
  unreachable: "could not be reached",
  cut: "cut the connection",
  early_end: "ended too early",
  stalled: "fell silent",
  range_ignored: "ignored the byte range",
  wrong_range: "sent another byte range",
  address_refused: "refused the address it was given",
  server_error: "failed",
  rate_limited: "asked for a slower pace",
  invalid_answer: "gave an answer that cannot be read",
  maybe_changed: "showed another file",
} as const;
