import { hostname } from "node:os";
import type { Json } from "@shardmill/core";
import type { MillWorker } from "@shardmill/mill-worker";
import type { PlanWorker } from "@shardmill/plan-worker";
import type { MillQueue, RunningWorker, WorkerBeat } from "@shardmill/queue";
import type { Logger } from "pino";
import { version } from "../version.ts";
import type { WorkerOptions } from "./worker-options.ts";

export interface Roles {
  readonly plan: PlanWorker | null;
  readonly mill: MillWorker | null;
}

interface Told {
  readonly options: WorkerOptions;
  /** That this one and those beside it are. */
  readonly processes: number;
  readonly log: Logger;
}

const mostRefusals = 50;

/** Tells every two seconds that this worker lives, and what it does. */
export function beat(queue: MillQueue, { plan, mill }: Roles, { options, processes, log }: Told): () => void {
  const partOf = options.partOf ?? null;
  const startedAt = new Date(Date.now() - Math.round(process.uptime() * 1_000)).toISOString();
  const resting = new Set<string>();
  const heed = async ({ name, pauseIntake, resumeIntake }: RunningWorker): Promise<void> => {
    const rests = await queue.isToRest(partOf ?? name);
    if (rests === resting.has(name)) return;
    if (rests) resting.add(name);
    else resting.delete(name);
    log.info({ name, rests }, "worker told to take no new job, or to take them again");
    await (rests ? pauseIntake() : resumeIntake());
  };
  const tell = async (role: "plan" | "mill", running: PlanWorker | MillWorker): Promise<void> => {
    await heed(running.running);
    const current = running.running.current().map(({ build, step, label, range, progress }) => ({
      build,
      step,
      label,
      range,
      member: memberOf(progress),
    }));
    await queue.beat({
      partOf,
      processes: role === "mill" ? processes : 1,
      limits: limitsOf(options),
      refuses: running
        .refuses()
        .slice(0, mostRefusals)
        .map((refusal) => ({ ...refusal })),
      worker: running.running.name,
      startedAt,
      memoryBytes: process.memoryUsage.rss(),
      rests: resting.has(running.running.name),
      host: hostname(),
      pid: process.pid,
      version,
      role,
      current,
    });
  };
  const tellAll = (): void => {
    for (const [role, running] of [
      ["plan", plan],
      ["mill", mill],
    ] as const) {
      if (running !== null)
        tell(role, running).catch((error: Error) => log.warn({ error: error.message }, "heartbeat not told"));
    }
  };
  tellAll();
  const timer = setInterval(tellAll, 2_000);
  return () => clearInterval(timer);
}

function memberOf(progress: Json): string | null {
  if (typeof progress !== "object" || progress === null || Array.isArray(progress)) return null;
  return typeof progress.member === "string" ? progress.member.slice(0, 400) : null;
}

function limitsOf({ minFree, maxOutput, maxBandwidth }: WorkerOptions): WorkerBeat["limits"] {
  return {
    minFreeBytes: minFree ?? 0,
    maxOutputBytes: maxOutput ?? null,
    maxBytesPerS: maxBandwidth ?? null,
  };
}
