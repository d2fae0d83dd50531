import { DelayedError, type Job, UnrecoverableError, WaitingError, Worker } from "bullmq";
import { readJobControl, wakeJob } from "../jobs/control.ts";
import { jobFailureText } from "../jobs/job-failure.ts";
import type { OpenQueue } from "../jobs/open-queue.ts";
import type { Outcome, PutOffReason } from "./decide-outcome.ts";

/** A failed attempt on its way to BullMQ's backoff strategy, which reads the wait from it. */
export class AttemptFailed extends Error {
  readonly afterMs: number;

  constructor(text: string, afterMs: number) {
    super(text);
    this.afterMs = afterMs;
  }
}

/**
 * Carries an outcome out. BullMQ is told by exceptions that a job has been moved: they are made here, and thrown in one
 * place, by the caller.
 */
export async function settleJob(
  queue: OpenQueue,
  work: { job: Job; token: string; build: string; label: string | null; isPlan: boolean },
  outcome: Outcome,
): Promise<Error> {
  const { job, token } = work;
  // Where the server takes no writes now, BullMQ could not put the job anywhere either.
  await queue.patience.untilServed();
  switch (outcome.kind) {
    case "leave":
      return new WaitingError();
    case "hand_back":
    case "refuse":
      await queue.patience.through(() => job.moveToWait(token));
      return new WaitingError();
    case "drop":
      // BullMQ can only fail a job that it holds; removed at once, it leaves no trace.
      job.opts.removeOnFail = true;
      return new UnrecoverableError("cancelled");
    case "put_off":
      await queue.patience.through(() => putOff(queue, work, outcome));
      return new DelayedError();
    case "slow_down":
      await queue.patience.through(() => (work.isPlan ? queue.plan : queue.mill).rateLimit(outcome.forMs));
      return Worker.RateLimitError();
    case "retry":
      return new AttemptFailed(jobFailureText(outcome.failure), outcome.afterMs);
    case "fail":
      return new UnrecoverableError(jobFailureText(outcome.failure));
    default:
      return outcome satisfies never;
  }
}

async function putOff(
  queue: OpenQueue,
  { job, token, build, label }: { job: Job; token: string; build: string; label: string | null },
  { why, forMs }: { why: PutOffReason; forMs: number },
): Promise<void> {
  const id = job.id ?? "";
  if (why === "pause") await queue.redis.sadd(queue.keys.paused(build), id);
  await job.moveToDelayed(Date.now() + forMs, token);
  // Resumed between our look and now: whoever resumed could not wake a job that did not sleep yet.
  if (why === "pause" && (await readJobControl(queue, build, label)) !== "pause")
    await wakeJob(queue, build, id);
}
