import { Failure, type Json } from "@shardmill/core";
import { type Job, UnrecoverableError, WaitingChildrenError } from "bullmq";
import { readControl } from "./control.ts";
import { decideOutcome, type Outcome } from "./decide-outcome.ts";
import type { JobEvent } from "./job-event.ts";
import { jobFailureOf, jobFailureText } from "./job-failure.ts";
import { forgetProgress, keepProgress, publish } from "./live.ts";
import type { WorkerRequest } from "./mill-queue.ts";
import type { OpenQueue } from "./open-queue.ts";
import { type Task, taskSchema } from "./payloads.ts";
import { performTask } from "./perform-task.ts";
import { ProgressTeller } from "./progress-teller.ts";
import { RunningJob } from "./running-job.ts";
import { settleJob } from "./settle-job.ts";

/** One job from BullMQ's hand and back: returns its result, or throws what settleJob made of its end. */
export async function processJob(
  queue: OpenQueue,
  request: WorkerRequest,
  running: Map<string, RunningJob>,
  job: Job,
  token: string,
): Promise<Json> {
  const one = new RunningJob(job, parseTask(job));
  running.set(one.id, one);
  const say = teller(queue, request, one);
  const progress = new ProgressTeller(queue.settings.progressEveryMs, (value) => {
    say("progress", value);
    const { step, label, range } = one.current();
    const kept = { step, label, range, worker: request.name, progress: value };
    keepProgress(queue, { id: one.id, build: one.task.build }, kept).catch(queue.onError);
  });
  try {
    const control = await readControl(queue, one.task.build);
    if (control !== "run") one.stop(control);
    one.signal.throwIfAborted();
    say("started", null);
    const { signal, attempt, task } = one;
    const context = { signal, attempt, progress: (value: Json) => progress.progress(value) };
    const performing = performTask(queue, request, task, { job, token, context });
    const performed = await Promise.race([performing, one.released]);
    progress.flush();
    if (performed.kind === "parked") {
      say("parked", null);
      throw new WaitingChildrenError();
    }
    say("completed", performed.result);
    return performed.result;
  } catch (thrown) {
    progress.flush();
    if (thrown instanceof WaitingChildrenError) throw thrown;
    const attempts = job.opts.attempts ?? 1;
    const { stopped, attempt, task } = one;
    const outcome = decideOutcome(thrown, { stopped, attempt, attempts }, queue.settings);
    const { kind, detail } = eventOf(outcome);
    say(kind, detail);
    throw await settleJob(queue, { job, token, build: task.build, isPlan: request.role === "plan" }, outcome);
  } finally {
    running.delete(one.id);
    forgetProgress(queue, { id: one.id, build: one.task.build }).catch(queue.onError);
  }
}

function parseTask(job: Job): Task {
  const parsed = taskSchema.safeParse(job.data);
  if (parsed.success) return parsed.data;
  const found = new Failure("record_invalid", `the job ${job.id} was written by another version`);
  throw new UnrecoverableError(jobFailureText(jobFailureOf(found)));
}

function teller(
  queue: OpenQueue,
  request: WorkerRequest,
  running: RunningJob,
): (kind: JobEvent["kind"], detail: Json) => void {
  const { build, step, label, range, attempt } = running.current();
  const { dataset } = running.task;
  return (kind, detail) => {
    const event = { kind, build, dataset, step, label, range, worker: request.name, attempt, detail };
    request.onEvent?.(event);
    publish(queue, event).catch(queue.onError);
  };
}

function eventOf(outcome: Outcome): { kind: JobEvent["kind"]; detail: Json } {
  switch (outcome.kind) {
    case "hand_back":
      return { kind: "handed_back", detail: null };
    case "leave":
      return { kind: "lock_lost", detail: null };
    case "drop":
      return { kind: "cancelled", detail: null };
    case "put_off":
      return { kind: "delayed", detail: { why: outcome.why, forMs: outcome.forMs } };
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
