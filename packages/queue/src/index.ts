export { type ConnectOptions, connectQueue } from "./connect-queue.ts";
export { type JobEvent, jobEventSchema } from "./job-event.ts";
export type { JobFailure } from "./job-failure.ts";
export type { JobRef } from "./job-ids.ts";
export { JobStopped, type JobStopReason } from "./job-stopped.ts";
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
  WorkerRequest,
} from "./mill-queue.ts";
export type { BuildRequest, PartTask, SealTask, ShardJob, ShardTask, Step } from "./payloads.ts";
export { defaultQueueSettings, type QueueSettings } from "./queue-settings.ts";
export { type EmbeddedRedis, startEmbeddedRedis } from "./start-embedded-redis.ts";
export { type WorkerBeat, type WorkerBeatInput, workerBeatSchema } from "./worker-beat.ts";
