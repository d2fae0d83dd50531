import { type Code, codes } from "./codes.ts";

/** Where something went wrong; every field that is known is given. */
export interface Where {
  readonly dataset?: string;
  readonly part?: string;
  readonly shard?: string;
  readonly member?: string;
  readonly path?: string;
  readonly url?: string;
}

/** A sample that is left out: a value, never thrown. */
export interface Rejection {
  readonly code: Code;
  /** One line for a person: what was expected and what was found. No secrets, no paths outside the source. */
  readonly detail: string;
}

export function reject(code: Code, detail: string): Rejection {
  return { code, detail: detail.replace(/\s+/g, " ").trim().slice(0, 500) };
}

export type Retry = "later" | "never";

/** An attempt that failed: thrown, with a code, whether to retry, and where. Anything else thrown is a bug or a cancellation. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: Code;
  readonly retry: Retry;
  readonly where: Where;
  /** Milliseconds that the other side asked us to wait before the next attempt, when it did. */
  readonly retryAfterMs: number | null;

  constructor(
    code: Code,
    message: string,
    options: { where?: Where; retry?: Retry; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retry = options.retry ?? (codes[code].retryable ? "later" : "never");
    this.where = options.where ?? {};
    this.retryAfterMs = options.retryAfterMs ?? null;
  }

  /** The same failure with more of its place filled in; what was known before wins. */
  at(where: Where): Failure {
    return new Failure(this.code, this.message, {
      where: { ...where, ...this.where },
      retry: this.retry,
      ...(this.retryAfterMs === null ? {} : { retryAfterMs: this.retryAfterMs }),
      cause: this.cause,
    });
  }

  /** One line for a terminal: message and remedy. */
  oneLine(): string {
    return `${this.message} (${this.code}): ${codes[this.code].remedy}`;
  }
}

/** True for an error that comes from an aborted signal rather than from the work. */
export function isCancellation(error: unknown, signal: AbortSignal): boolean {
  return (
    signal.aborted && (error === signal.reason || (error instanceof Error && error.name === "AbortError"))
  );
}
