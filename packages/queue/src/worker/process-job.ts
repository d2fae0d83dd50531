import { Failure, type Json } from "@shardmill/core";
import { type Job, UnrecoverableError, WaitingChildrenError } from "bullmq";
import { readJobControl } from "../jobs/control.ts";
import { jobFailureOf, jobFailureText } from "../jobs/job-failure.ts";
import type { OpenQueue } from "../jobs/open-queue.ts";
import { type Task, taskSchema } from "../jobs/payloads.ts";
import type { JobEvent } from "../live/job-event.ts";
import { forgetProgress, keepProgress, publish } from "../live/live.ts";
import { ProgressTeller } from "../live/progress-teller.ts";
import type { WorkerSpec } from "../mill-queue.ts";
import { decideOutcome, type Outcome } from "./decide-outcome.ts";
import type { Intake } from "./intake.ts";
import { type Performed, performTask } from "./perform-task.ts";
import { RunningJob } from "./running-job.ts";
import { settleJob } from "./settle-job.ts";

/** What a worker has in hand. */
export interface Shift {
  readonly running: Map<string, RunningJob>;
  readonly intake: Intake;
  /** It is closing: a job that its last look at the queue still brought goes straight back. */
  isLeaving: boolean;
}

/** How long a job waits for the end of its own earlier run in this worker. */
const twinWaitMs = 500;

/** One job from BullMQ's hand and back: returns its result, or throws what settleJob made of its end. */
export async function processJob(
  queue: OpenQueue,
  spec: WorkerSpec,
  shift: Shift,
  { job, token }: { readonly job: Job; readonly token: string },
): Promise<Json> {
  const one = new RunningJob(job, parseTask(job));
  const { build } = one.task;
  const { label } = one.current();
  const say = teller(queue, spec, one);
  const settle = (outcome: Outcome): Promise<Error> => {
    // Before the job is back in the queue, or the same worker would have it again.
    const restMs = outcome.kind === "refuse" ? shift.intake.rest() : 0;
    const { kind, detail } = eventOf(outcome, restMs);
    say(kind, detail);
    return settleJob(queue, { job, token, build, label, isPlan: spec.role === "plan" }, outcome);
  };
  const twin = shift.running.get(one.id);
  if (twin !== undefined) {
    // We lost this job without having been told yet, and got it again. BullMQ keeps one lock per id in a worker, so two
    // runs of one job in one worker would release each other's.
    twin.stop("lock_lost");
    throw await settle({ kind: "put_off", why: "twin", forMs: twinWaitMs, message: null });
  }
  shift.running.set(one.id, one);
  if (shift.isLeaving) one.stop("shutdown");
  const progress = progressOf(queue, spec, one, say);
  try {
    const performed = await perform(queue, spec, one, { job, token, say, progress });
    shift.intake.fits();
    if (performed.kind === "parked") throw new WaitingChildrenError();
    // BullMQ writes the end down when this returns, and counts an attempt for what it cannot write.
    await queue.patience.untilServed(one.signal);
    return performed.result;
  } catch (thrown) {
    if (thrown instanceof WaitingChildrenError) throw thrown;
    const { stopped, attempt } = one;
    throw await settle(
      decideOutcome(thrown, { stopped, attempt, attempts: job.opts.attempts ?? 1 }, queue.settings),
    );
  } finally {
    shift.running.delete(one.id);
    forgetProgress(queue, { id: one.id, build }).catch(queue.onError);
  }
}

type Say = (kind: JobEvent["kind"], detail: Json) => void;

async function perform(
  queue: OpenQueue,
  spec: WorkerSpec,
  one: RunningJob,
  { job, token, say, progress }: { job: Job; token: string; say: Say; progress: ProgressTeller },
): Promise<Performed> {
  const { signal, attempt, task } = one;
  const { label } = one.current();
  try {
    const control = await queue.patience.through(() => readJobControl(queue, task.build, label), signal);
    if (control !== "run") one.stop(control);
    signal.throwIfAborted();
    say("started", null);
    const tell = (value: Json): void => {
      one.progress = value;
      progress.progress(value);
    };
    const mark = (): Promise<string | null> =>
      queue.patience.through(() => queue.redis.hget(queue.keys.marks, task.build), signal);
    const context = { signal, attempt, attempts: job.opts.attempts ?? 1, mark, progress: tell };
    const performing = performTask(queue, spec, task, { job, token, context });
    const performed = await Promise.race([performing, one.released]);
    progress.flush();
    if (performed.kind === "parked") say("parked", null);
    else say("completed", performed.result);
    return performed;
  } finally {
    progress.flush();
  }
}

function progressOf(queue: OpenQueue, spec: WorkerSpec, one: RunningJob, say: Say): ProgressTeller {
  const { step, label, range } = one.current();
  const place = { id: one.id, build: one.task.build };
  return new ProgressTeller(queue.settings.progressEveryMs, (progress) => {
    say("progress", progress);
    keepProgress(queue, place, { step, label, range, worker: spec.name, progress }).catch(queue.onError);
  });
}

function parseTask(job: Job): Task {
  const parsed = taskSchema.safeParse(job.data);
  if (parsed.success) return parsed.data;
  const found = new Failure("record_invalid", `the job ${job.id} was written by another version`);
  throw new UnrecoverableError(jobFailureText(jobFailureOf(found)));
}

function teller(queue: OpenQueue, spec: WorkerSpec, running: RunningJob): Say {
  const { build, step, label, range, attempt } = running.current();
  const { dataset } = running.task;
  return (kind, detail) => {
    const event = {
      at: new Date().toISOString(),
      kind,
      build,
      dataset,
      step,
      label,
      range,
      worker: spec.name,
      attempt,
      detail,
    };
    spec.onEvent?.(event);
    publish(queue, event).catch(queue.onError);
  };
}

function eventOf(outcome: Outcome, restMs: number): { kind: JobEvent["kind"]; detail: Json } {
  switch (outcome.kind) {
    case "hand_back":
      return { kind: "handed_back", detail: null };
    case "leave":
      return { kind: "lock_lost", detail: null };
    case "drop":
      return { kind: "cancelled", detail: null };
    case "put_off":
      return {
        kind: "delayed",
        detail: { why: outcome.why, forMs: outcome.forMs, message: outcome.message },
      };
    case "refuse":
      return { kind: "delayed", detail: { why: outcome.why, forMs: restMs, message: outcome.message } };
    case "slow_down":
      return { kind: "rate_limited", detail: { ...failureJson(outcome.failure), forMs: outcome.forMs } };
    case "retry":
      return { kind: "retrying", detail: { ...failureJson(outcome.failure), afterMs: outcome.afterMs } };
    case "fail":
      return { kind: "failed", detail: failureJson(outcome.failure) };
    default:
      return outcome satisfies never;
  }
}

function failureJson({ code, message, where }: ReturnType<typeof jobFailureOf>): { [key: string]: Json } {
  return { code, message, where: { ...where } };
}
