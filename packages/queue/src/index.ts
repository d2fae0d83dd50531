export { connectQueue } from "./connect-queue.ts";

export type { JobRef } from "./jobs/job-ids.ts";
export type { BuildRequest, PartTask, SealTask, ShardJob, ShardTask } from "./jobs/payloads.ts";
export type { JobEvent } from "./live/job-event.ts";
export type { WorkerBeat } from "./live/worker-beat.ts";
export type {
  BuildJobs,
  FinishContext,
  JobContext,
  MillQueue,
  PlanHandlers,
  RoleCounts,
  RunningWorker,
  ShardProgress,
  Stop,
} from "./mill-queue.ts";

export { type EmbeddedRedis, startEmbeddedRedis } from "./redis/start-embedded-redis.ts";
