import type { Clock, RateGate } from "@shardmill/core";
import type { SourceIncident } from "./incident.ts";
import type { Bandwidth } from "./limit-bandwidth.ts";

/** What a source needs from outside. Times in milliseconds. */
export interface SourceDeps {
  readonly gate: RateGate;
  readonly clock: Clock;
  readonly fetch?: typeof fetch;
  readonly bandwidth?: Bandwidth;
  /** Told of every fault that was healed or waited out; for log and metrics. */
  readonly onIncident?: (incident: SourceIncident) => void;
  /** A connection that says nothing for this long while we wait for it is dropped. Default 30 s. */
  readonly idleTimeoutMs?: number;
  /** Attempts in a row without a single new byte before a read fails. Default 8. */
  readonly maxAttempts?: number;
  /** Wait before the second attempt; doubles with each further one, up to 30 s. Default 500. */
  readonly firstBackoffMs?: number;
  /** Jitter of the wait; default Math.random. Decides no byte. */
  readonly random?: () => number;
}
