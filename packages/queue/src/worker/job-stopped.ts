/** shutdown: the worker ends. pause, cancel: a person asked. lock_lost: another worker has the job by now. */
export type JobStopReason = "shutdown" | "pause" | "cancel" | "lock_lost";

/** `signal.reason` of a job that has to be left. A cancellation, never counted as a failure. */
export class JobStopped extends Error {
  override readonly name = "JobStopped";
  readonly why: JobStopReason;

  constructor(why: JobStopReason) {
    super(`the job was stopped: ${why}`);
    this.why = why;
  }
}
