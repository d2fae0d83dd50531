export const planQueueName = "shardmill-plan";
export const millQueueName = "shardmill-mill";

/** Names of our own keys; BullMQ's begin with `<prefix>:<queue name>:`. */
export interface RedisKeys {
  /** Hash: build -> control. */
  readonly control: string;
  /** Hash: build -> the mark that its output has. */
  readonly marks: string;
  /** Channels. */
  readonly controlChannel: string;
  readonly liveChannel: string;
  /** Set of worker names. */
  readonly workers: string;
  beat(worker: string): string;
  /** There while a person wants the worker to take no new job. */
  rest(worker: string): string;
  gate(scope: string, host: string): string;
  /** Set of job ids with progress. */
  progressIds(build: string): string;
  progress(jobId: string): string;
  /** Set of job ids that a pause put off. */
  paused(build: string): string;
  lock(queue: string, jobId: string): string;
}

export function redisKeys(prefix: string): RedisKeys {
  return {
    control: `${prefix}:control`,
    marks: `${prefix}:marks`,
    controlChannel: `${prefix}:control-changed`,
    liveChannel: `${prefix}:live`,
    workers: `${prefix}:workers`,
    beat: (worker) => `${prefix}:worker:${worker}`,
    rest: (worker) => `${prefix}:rest:${worker}`,
    gate: (scope, host) => `${prefix}:gate:${scope}:${host}`,
    progressIds: (build) => `${prefix}:progress-of:${build}`,
    progress: (jobId) => `${prefix}:progress:${jobId}`,
    paused: (build) => `${prefix}:paused:${build}`,
    lock: (queue, jobId) => `${prefix}:${queue}:${jobId}:lock`,
  };
}

/** A key of this process, written to see whether writing works. It goes away by itself. */
export function trialKey(prefix: string): string {
  return `${prefix}:trial:${process.pid}`;
}
