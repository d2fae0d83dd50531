import type { Clock, RateGate } from "@shardmill/core";
import { type RetryBounds, type RetryStep, retryStep, type Setback } from "./retry-rule.ts";

export interface AttemptsDeps {
  readonly gate: RateGate;
  readonly clock: Clock;
  /** Jitter; default Math.random. Decides no byte. */
  readonly random?: (() => number) | undefined;
}

/** Counts the setbacks of one request in a row, and waits as the retry rule says. */
export class Attempts {
  readonly #bounds: RetryBounds;
  readonly #deps: AttemptsDeps;
  #attempts = 0;
  #rateLimits = 0;

  constructor(bounds: RetryBounds, deps: AttemptsDeps) {
    this.#bounds = bounds;
    this.#deps = deps;
  }

  /** Without those that only asked for a slower pace. */
  get failed(): number {
    return this.#attempts;
  }

  /** Something came: the count starts afresh. */
  progress(): void {
    this.#attempts = 0;
    this.#rateLimits = 0;
  }

  next(setback: Setback): RetryStep {
    if (setback.isRateLimit) this.#rateLimits += 1;
    else this.#attempts += 1;
    const counts = { attempts: this.#attempts, rateLimits: this.#rateLimits };
    return retryStep(setback, counts, this.#bounds, this.#deps.random ?? Math.random);
  }

  /** A wait for everybody is told to the gate, which the next request of this host passes. */
  async wait(step: Extract<RetryStep, { kind: "wait" }>, host: string, signal: AbortSignal): Promise<void> {
    if (step.who === "everybody") await this.#deps.gate.pause(host, step.waitMs);
    else await this.#deps.clock.sleep(step.waitMs, signal);
  }
}
