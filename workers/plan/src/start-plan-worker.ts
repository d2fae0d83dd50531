import { Failure, type PartId, partLabel } from "@shardmill/core";
import {
  countUnfetched,
  endDetached,
  OpenBuilds,
  type OtherOutput,
  type PartOrder,
  partOrderSchema,
  preparePart,
  SeenOutputs,
  type Surroundings,
  sealBuild,
  sealPart,
  taskLabel,
} from "@shardmill/pipeline";
import type {
  FinishContext,
  JobContext,
  MillQueue,
  PartTask,
  PlanHandlers,
  RunningWorker,
  SealTask,
  ShardJob,
} from "@shardmill/queue";
import type { Logger } from "pino";

export interface PlanWorkerOptions {
  readonly queue: MillQueue;
  readonly surroundings: Surroundings;
  /** Parts planned at once; bound by the network. */
  readonly concurrency: number;
  readonly log: Logger;
}

export interface PlanWorker {
  readonly running: RunningWorker;
  /** Builds of which it takes no job, as far as it has met them. */
  refuses(): readonly OtherOutput[];
  close(options: { readonly drain: boolean }): Promise<void>;
}

/** Takes plan, finish and seal jobs. */
export async function startPlanWorker({
  queue,
  surroundings,
  concurrency,
  log,
}: PlanWorkerOptions): Promise<PlanWorker> {
  const builds = new OpenBuilds(surroundings);
  const outputs = new SeenOutputs(surroundings, (other) =>
    log.warn(other, "this worker does not see the build's output and takes no job of it"),
  );
  const running = await queue.runWorker({
    role: "plan",
    name: `${surroundings.worker}/plan`,
    concurrency,
    handlers: planHandlers(builds, outputs, log),
  });
  return {
    running,
    refuses: () => outputs.others(),
    async close(options) {
      await running.close(options);
      await builds.close();
    },
  };
}

function planHandlers(builds: OpenBuilds, outputs: SeenOutputs, log: Logger): PlanHandlers {
  return {
    planPart: (task, context) =>
      outputs.during(task, context.mark, () => plan({ builds, outputs, log }, task, context)),
    finishPart: (task, context) =>
      outputs.during(task, context.mark, () => finish(builds, log, task, context)),
    sealBuild: (task, context) => outputs.during(task, context.mark, () => seal(builds, log, task, context)),
  };
}

async function plan(
  {
    builds,
    outputs,
    log,
  }: { readonly builds: OpenBuilds; readonly outputs: SeenOutputs; readonly log: Logger },
  task: PartTask,
  { signal, attempt, attempts, progress }: JobContext,
): Promise<ShardJob[]> {
  const context = await builds.get(task.dataset, signal);
  const order: PartOrder = partOrderSchema.parse(task.payload);
  try {
    const tasks = await preparePart(context, idOf(task), { order, run: task.run, onStep: progress }, signal);
    log.info(
      { dataset: task.dataset, build: task.build, part: task.label, shards: tasks.length },
      "part planned",
    );
    return tasks.map((shard) => ({ range: taskLabel(shard), payload: shard }));
  } catch (error) {
    // The finish step will not come: how the part ended is written now, not when days later the whole build is sealed.
    const isFinal = attempt >= attempts || (error instanceof Failure && error.retry === "never");
    if (isFinal && error instanceof Failure && !signal.aborted) {
      await outputs.mustStand(task, error);
      const failure = { code: error.code, message: error.message, isOfReplanning: order.kind === "stale" };
      await sealPart(context, idOf(task), failure, signal);
    }
    throw error;
  }
}

async function finish(builds: OpenBuilds, log: Logger, task: PartTask, { signal, failures }: FinishContext) {
  const context = await builds.get(task.dataset, signal);
  const [first] = failures.values();
  const { ending, books } = await sealPart(context, idOf(task), first ?? null, signal);
  const state = ending?.state ?? "partial";
  log.info(
    { dataset: task.dataset, build: task.build, part: task.label, state, code: ending?.code ?? null },
    "part ended",
  );
  return {
    state,
    code: ending?.code ?? null,
    packed: books?.counts.packed ?? 0,
    failed: books?.counts.failed ?? 0,
  };
}

async function seal(builds: OpenBuilds, log: Logger, task: SealTask, { signal, failures }: FinishContext) {
  const context = await builds.get(task.dataset, signal);
  for (const [label, failure] of failures) {
    const part = context.build.parts.find((candidate) => partLabel(candidate) === label);
    // A part whose planning failed for good never came to its finish step.
    if (part !== undefined && (await context.records.readPartEnd(part)) === null)
      await sealPart(context, part, failure, signal);
  }
  await countUnfetched(context, signal);
  const status = await sealBuild(context);
  await endDetached(context, task.run, context.surroundings.clock.now());
  log.info({ dataset: task.dataset, build: task.build, totals: status.totals }, "build ended");
  return { packed: status.totals.packed, failed: status.totals.failed, skipped: status.totals.skipped };
}

function idOf({ subset, part }: PartTask): PartId {
  return { subset, part };
}
