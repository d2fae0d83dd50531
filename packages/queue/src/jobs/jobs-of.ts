import type { Queue } from "bullmq";
import type { BuildJobs, RoleCounts } from "../mill-queue.ts";
import { parseJobFailure } from "./job-failure.ts";
import { type JobRef, parseJobId } from "./job-ids.ts";
import type { OpenQueue } from "./open-queue.ts";

/** The ids of a build's jobs say what they are: nothing is loaded but the reasons of those that failed. */
export async function jobsOf(queue: OpenQueue, build: string): Promise<BuildJobs> {
  const [waiting, active, delayed, parked, completed, failed] = await Promise.all([
    refs(queue, build, ["wait", "prioritized"]),
    refs(queue, build, ["active"]),
    refs(queue, build, ["delayed"]),
    refs(queue, build, ["waiting-children"]),
    refs(queue, build, ["completed"]),
    refs(queue, build, ["failed"]),
  ]);
  const withReasons = await Promise.all(
    failed.map(async (ref) => {
      const job = await queueOf(queue, ref).getJob(ref.id);
      return { ...ref, failure: parseJobFailure(job?.failedReason ?? "") };
    }),
  );
  return { waiting, active, delayed, parked, completed, failed: withReasons };
}

export function queueOf(queue: OpenQueue, ref: JobRef): Queue {
  return ref.what === "shard" ? queue.mill : queue.plan;
}

type State = "wait" | "prioritized" | "active" | "delayed" | "waiting-children" | "completed" | "failed";

async function refs(queue: OpenQueue, build: string, states: State[]): Promise<JobRef[]> {
  const ids = await Promise.all([queue.plan.getRanges(states, 0, -1), queue.mill.getRanges(states, 0, -1)]);
  return [...new Set(ids.flat())].flatMap((id) => {
    const ref = parseJobId(id);
    return ref !== null && ref.build === build ? [ref] : [];
  });
}

export async function roleCounts(queue: Queue): Promise<RoleCounts> {
  const counts = await queue.getJobCounts();
  const of = (...states: string[]): number => states.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  return {
    waiting: of("waiting", "wait", "prioritized", "paused"),
    active: of("active"),
    delayed: of("delayed"),
    parked: of("waiting-children"),
    completed: of("completed"),
    failed: of("failed"),
  };
}
