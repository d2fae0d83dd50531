export { type ConnectOptions, connectQueue } from "./connect-queue.ts";
export type { JobFailure } from "./jobs/job-failure.ts";
export {
  type BuildRun,
  buildRunSchema,
  type PartTask,
  type SealTask,
  type ShardJob,
  type ShardTask,
  type Step,
} from "./jobs/payloads.ts";
export { type JobEvent, jobEventSchema } from "./live/job-event.ts";
export { type WorkerBeat, type WorkerBeatInput, workerBeatSchema } from "./live/worker-beat.ts";
export type {
  BuildJobs,
  CurrentJob,
  FinishContext,
  JobContext,
  MillHandlers,
  MillQueue,
  PlanHandlers,
  RoleCounts,
  RunningWorker,
  ShardProgress,
  Stop,
  WorkerSpec,
} from "./mill-queue.ts";
export { defaultQueueSettings, type QueueSettings } from "./queue-settings.ts";
export { type EmbeddedRedis, startEmbeddedRedis } from "./redis/start-embedded-redis.ts";
export { JobStopped, type JobStopReason } from "./worker/job-stopped.ts";
