import type { JobsOptions } from "bullmq";
import type { OpenQueue } from "./open-queue.ts";

/** Options that every job has. */
export function jobOptions({ settings }: OpenQueue): JobsOptions {
  return {
    attempts: settings.attempts,
    backoff: { type: "custom" },
    removeOnComplete: { age: settings.keepEndedS },
    removeOnFail: { age: settings.keepEndedS },
    stackTraceLimit: 0,
    keepLogs: 0,
  };
}
