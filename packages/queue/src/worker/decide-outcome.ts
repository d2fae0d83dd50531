import { Failure } from "@shardmill/core";
import { type JobFailure, jobFailureOf } from "../jobs/job-failure.ts";
import type { QueueSettings } from "../queue-settings.ts";
import type { JobStopReason } from "./job-stopped.ts";

/** twin: this worker still has an earlier run of the same job in its hands, and must end it first. */
export type PutOffReason = "pause" | "twin" | WaitedFor;

/** The output comes back, or gets room: its jobs wait for that. */
const waitedFor = ["output_full", "output_away", "bucket_refused", "bucket_away"] as const;
type WaitedFor = (typeof waitedFor)[number];
/** The worker does not fit the build: its jobs are for one that does. */
type Refused = "toolchain_mismatch" | "output_differs";

/** What becomes of a job whose handler threw. Only `retry` and `fail` use an attempt. */
export type Outcome =
  /** Back to the front of the queue, for another worker. */
  | { readonly kind: "hand_back" }
  /** Back to the front of the queue as well; this worker rests. */
  | { readonly kind: "refuse"; readonly why: Refused; readonly message: string }
  /** Another worker has it: touch nothing. */
  | { readonly kind: "leave" }
  /** Off the queue without a trace. */
  | { readonly kind: "drop" }
  | {
      readonly kind: "put_off";
      readonly why: PutOffReason;
      readonly forMs: number;
      /** What was found, where something was. */
      readonly message: string | null;
    }
  /** All workers of the queue wait. */
  | { readonly kind: "slow_down"; readonly forMs: number; readonly failure: JobFailure }
  | { readonly kind: "retry"; readonly afterMs: number; readonly failure: JobFailure }
  | { readonly kind: "fail"; readonly failure: JobFailure };

/**
 * A job that was told to stop has been cancelled, whatever its handler threw on the way out. Anything else that is
 * thrown is a Failure with its own `retry`, or a bug, which may pass as well.
 */
export function decideOutcome(
  thrown: unknown,
  job: { readonly stopped: JobStopReason | null; readonly attempt: number; readonly attempts: number },
  settings: QueueSettings,
): Outcome {
  if (job.stopped !== null) return outcomeOfStop(job.stopped, settings);
  const failure = jobFailureOf(thrown);
  const asked = thrown instanceof Failure ? thrown.retryAfterMs : null;
  if (failure.code === "source_rate_limited") {
    return { kind: "slow_down", forMs: Math.max(1, asked ?? settings.rateLimitWaitMs), failure };
  }
  const { code, message } = failure;
  if (code === "toolchain_mismatch" || code === "output_differs")
    return { kind: "refuse", why: code, message };
  const why = waitedFor.find((one) => one === code);
  if (why !== undefined) return { kind: "put_off", why, forMs: asked ?? settings.fullDiskWaitMs, message };
  const mayRetry = !(thrown instanceof Failure) || thrown.retry === "later";
  if (!mayRetry || job.attempt >= job.attempts) return { kind: "fail", failure };
  const doubled = settings.backoffBaseMs * 2 ** (job.attempt - 1);
  const backoffMs = Math.min(doubled, settings.backoffMaxMs);
  // A wait that the other side asked for is kept, even above our own bound.
  return { kind: "retry", afterMs: Math.max(backoffMs, asked ?? 0), failure };
}

function outcomeOfStop(why: JobStopReason, settings: QueueSettings): Outcome {
  switch (why) {
    case "shutdown":
      return { kind: "hand_back" };
    case "lock_lost":
      return { kind: "leave" };
    case "cancel":
      return { kind: "drop" };
    case "pause":
      return { kind: "put_off", why: "pause", forMs: settings.pauseRecheckMs, message: null };
    default:
      return why satisfies never;
  }
}
