export { type ConnectOptions, connectQueue } from "./connect-queue.ts";

export {
  type BuildRun,
  buildRunSchema,
  type PartTask,
  type SealTask,
  type ShardJob,
  type ShardTask,
} from "./jobs/payloads.ts";
export { endsAttempt, type JobEvent } from "./live/job-event.ts";
export type { WorkerBeat } from "./live/worker-beat.ts";
export type {
  BuildJobs,
  FinishContext,
  JobContext,
  JobProgress,
  MillQueue,
  PlanHandlers,
  RoleCounts,
  RunningWorker,
  Stop,
} from "./mill-queue.ts";

export { type EmbeddedRedis, startEmbeddedRedis } from "./redis/start-embedded-redis.ts";
