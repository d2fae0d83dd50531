import type { FlowJob, Job, JobsOptions } from "bullmq";
import { planQueueName } from "../redis/redis-keys.ts";
import { readControl, readPartControls } from "./control.ts";
import { buildJobId, partJobId } from "./job-ids.ts";
import { jobOptions } from "./job-options.ts";
import type { OpenQueue } from "./open-queue.ts";
import { type BuildRun, buildRunSchema, type ParsedBuildRun, type Task } from "./payloads.ts";

/**
 * Planning comes after everything that ends something: a part that can be finished does not wait for others to be planned.
 * Each part has the priority of its place in the run, so that jobs which were put off come back in order.
 */
export const planPriority = 100;

/**
 * Adds what is not there of build <- parts, in one step; shards follow when a part is planned. What exists, ended or not,
 * is left alone: a retry has a new run number. Of a build or a part that is cancelled nothing is added.
 */
export async function ensureParts(queue: OpenQueue, run: BuildRun): Promise<{ added: string[] }> {
  const build = buildRunSchema.parse(run);
  const buildId = buildJobId(build.build, build.run);
  const found = await Promise.all(
    build.parts.map(({ label }) => queue.plan.getJob(partJobId(build.build, label, build.run))),
  );
  const parent: Job | undefined = await queue.plan.getJob(buildId);
  if ((await readControl(queue, build.build)) === "cancel") return { added: [] };
  const asked = await readPartControls(queue, build.build);
  const isCancelled = ({ label }: ParsedBuildRun["parts"][number]): boolean => asked.get(label) === "cancel";
  const missing = build.parts.filter((part, index) => found[index] === undefined && !isCancelled(part));
  if (parent === undefined) await addFlow(queue, build, { found, isCancelled });
  else if (missing.length > 0 && !(await hasEnded(parent))) await addUnder(queue, build, parent, missing);
  else return { added: [] };
  return { added: missing.map(({ label }) => label) };
}

/** A part that failed for good is no child of a new build job: BullMQ would wait for it for ever. */
async function addFlow(
  queue: OpenQueue,
  build: ParsedBuildRun,
  {
    found,
    isCancelled,
  }: {
    readonly found: readonly (Job | undefined)[];
    readonly isCancelled: (part: ParsedBuildRun["parts"][number]) => boolean;
  },
): Promise<void> {
  const hasFailed = await Promise.all(found.map(async (job) => (await job?.isFailed()) ?? false));
  const children = build.parts.filter((part, index) => hasFailed[index] !== true && !isCancelled(part));
  await queue.flow.add({
    ...jobOf(queue, sealTask(build), { jobId: buildJobId(build.build, build.run) }),
    children: children.map((part) => partNode(queue, build, part)),
  });
}

async function addUnder(
  queue: OpenQueue,
  build: ParsedBuildRun,
  parent: Job,
  parts: ParsedBuildRun["parts"],
): Promise<void> {
  await queue.plan.addBulk(
    parts.map((part) => {
      const node = partNode(queue, build, part);
      const under = { id: parent.id ?? "", queue: parent.queueQualifiedName };
      return { name: node.name, data: node.data, opts: { ...node.opts, parent: under } };
    }),
  );
}

async function hasEnded(job: Job): Promise<boolean> {
  const state = await job.getState();
  return state === "completed" || state === "failed";
}

function partNode(queue: OpenQueue, build: ParsedBuildRun, part: ParsedBuildRun["parts"][number]): FlowJob {
  const task: Task = { step: "plan", build: build.build, run: build.run, dataset: build.dataset, ...part };
  return jobOf(queue, task, {
    jobId: partJobId(build.build, part.label, build.run),
    priority: planPriority + build.parts.indexOf(part),
    ignoreDependencyOnFailure: true,
  });
}

function sealTask({ build, run, dataset, payload, parts }: ParsedBuildRun): Task {
  return { step: "seal", build, run, dataset, payload, parts: parts.map(({ label }) => label) };
}

function jobOf(queue: OpenQueue, task: Task, options: JobsOptions): FlowJob {
  return {
    queueName: planQueueName,
    name: task.step,
    data: task,
    opts: { ...jobOptions(queue), ...options },
  };
}
