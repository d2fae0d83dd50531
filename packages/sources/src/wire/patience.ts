import { type Code, Failure } from "@shardmill/core";
import { Attempts } from "./attempts.ts";
import { Fault } from "./fault.ts";
import type { Net } from "./net.ts";

/**
 * The retry rule for what a source is asked. Attempts are counted in a row: a single new byte starts the count afresh.
 * A rate limit costs no attempt. What the server asks to wait is told to the gate, so that every worker waits.
 */
export class Patience {
  readonly #net: Net;
  readonly #path: string | null;
  readonly #attempts: Attempts;

  constructor(net: Net, path: string | null) {
    this.#net = net;
    this.#path = path;
    const { maxAttempts, firstBackoffMs } = net;
    this.#attempts = new Attempts(
      { maxAttempts, firstBackoffMs, longestWaitMs: Number.POSITIVE_INFINITY, doRateLimitsCount: false },
      net,
    );
  }

  progress(): void {
    this.#attempts.progress();
  }

  /** Waits until the next attempt may start. Anything but a Fault is thrown on, and so is the Fault too many. */
  async after(error: unknown, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    const isRateLimit = error.kind === "rate_limited";
    const step = this.#attempts.next({
      isRateLimit,
      waitMs: error.waitMs,
      isExpected: error.kind === "address_refused",
    });
    if (step.kind === "give-up") throw this.#exhausted(error);
    this.#net.onIncident({
      kind: error.kind,
      source: this.#net.source,
      path: this.#path,
      host: error.host,
      detail: error.message,
      attempt: isRateLimit ? 0 : this.#attempts.failed,
      waitMs: step.waitMs,
    });
    await this.#attempts.wait(step, error.host, signal);
  }

  #exhausted(fault: Fault): Failure {
    const what = this.#path === null ? this.#net.source : `${this.#path} of ${this.#net.source}`;
    return new Failure(
      codeOf(fault),
      `${what}: ${fault.host} ${words[fault.kind]} ${this.#attempts.failed} times in a row, last: ${fault.message}`,
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
