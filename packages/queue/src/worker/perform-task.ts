import type { Json } from "@shardmill/core";
import type { Job } from "bullmq";
import { addShards } from "../jobs/add-shards.ts";
import { type JobFailure, parseJobFailure } from "../jobs/job-failure.ts";
import { parseJobId } from "../jobs/job-ids.ts";
import type { OpenQueue } from "../jobs/open-queue.ts";
import type { PartTask, SealTask, Task } from "../jobs/payloads.ts";
import type { JobContext, MillHandlers, PlanHandlers, WorkerSpec } from "../mill-queue.ts";

/** parked: the job waits for its children and will run again. */
export type Performed = { readonly kind: "done"; readonly result: Json } | { readonly kind: "parked" };

export interface Work {
  readonly job: Job;
  readonly token: string;
  readonly context: JobContext;
}

export async function performTask(
  queue: OpenQueue,
  worker: WorkerSpec,
  task: Task,
  work: Work,
): Promise<Performed> {
  if (task.step === "mill") return millShard(handlersOf(worker, "mill"), task, work);
  const handlers = handlersOf(worker, "plan");
  return task.step === "seal"
    ? sealBuild(queue, handlers, task, work)
    : planOrFinish(queue, handlers, task, work);
}

async function millShard(
  handlers: MillHandlers,
  task: Extract<Task, { step: "mill" }>,
  { context }: Work,
): Promise<Performed> {
  return { kind: "done", result: await handlers.millShard(task, context) };
}

/**
 * A part's job: plan -> its shards are added -> it waits for them -> finish. The step is saved after the shards were added,
 * so a plan that is cut off runs again and adds the same; and before finishing we ask once more whether all have ended,
 * since we may have been cut off between saving and waiting.
 */
async function planOrFinish(
  queue: OpenQueue,
  handlers: PlanHandlers,
  task: PartTask,
  { job, token, context }: Work,
): Promise<Performed> {
  let finishing = task;
  if (task.step === "plan") {
    const shards = await handlers.planPart(task, context);
    context.signal.throwIfAborted();
    finishing = { ...task, step: "finish" };
    const next = finishing;
    await queue.patience.through(async () => {
      await addShards(queue, job, task, shards);
      await job.updateData(next);
      // Finishing comes before planning other parts (see enqueue-build.ts).
      await job.changePriority({ priority: 0 });
    }, context.signal);
  }
  const ask = <T>(what: () => Promise<T>): Promise<T> => queue.patience.through(what, context.signal);
  if (await ask(() => job.moveToWaitingChildren(token))) return { kind: "parked" };
  const failures = await ask(() => childFailures(job));
  return { kind: "done", result: await handlers.finishPart(finishing, { ...context, failures }) };
}

async function sealBuild(
  queue: OpenQueue,
  handlers: PlanHandlers,
  task: SealTask,
  { job, token, context }: Work,
): Promise<Performed> {
  // A part may have been added while this job already waited for its turn.
  const ask = <T>(what: () => Promise<T>): Promise<T> => queue.patience.through(what, context.signal);
  if (await ask(() => job.moveToWaitingChildren(token))) return { kind: "parked" };
  const failures = await ask(() => childFailures(job));
  return { kind: "done", result: await handlers.sealBuild(task, { ...context, failures }) };
}

async function childFailures(job: Job): Promise<ReadonlyMap<string, JobFailure>> {
  const failures = new Map<string, JobFailure>();
  for (const [key, reason] of Object.entries(await job.getIgnoredChildrenFailures())) {
    const ref = parseJobId(key.slice(key.lastIndexOf(":") + 1));
    const name = ref?.range ?? ref?.label;
    if (name !== null && name !== undefined) failures.set(name, parseJobFailure(String(reason)));
  }
  return failures;
}

function handlersOf(worker: WorkerSpec, role: "mill"): MillHandlers;
function handlersOf(worker: WorkerSpec, role: "plan"): PlanHandlers;
function handlersOf(worker: WorkerSpec, role: "plan" | "mill"): PlanHandlers | MillHandlers {
  if (worker.role !== role) throw new TypeError(`expected a ${role} worker, found ${worker.role}`);
  return worker.handlers;
}
