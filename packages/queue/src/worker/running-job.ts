import type { Json } from "@shardmill/core";
import type { Job } from "bullmq";
import type { Task } from "../jobs/payloads.ts";
import type { CurrentJob } from "../mill-queue.ts";
import { JobStopped, type JobStopReason } from "./job-stopped.ts";

/** One job in this worker's hands: how to stop it, and how to let go of it when its handler does not listen. */
export class RunningJob {
  readonly id: string;
  readonly task: Task;
  readonly attempt: number;
  progress: Json = null;
  /** Rejects when the job is let go of. */
  readonly released: Promise<never>;
  #release: (reason: unknown) => void = () => {};
  readonly #controller = new AbortController();
  #stopped: JobStopReason | null = null;

  constructor(job: Job, task: Task) {
    this.id = job.id ?? "";
    this.task = task;
    this.attempt = job.attemptsMade + 1;
    this.released = new Promise((_, release) => {
      this.#release = release;
    });
    this.released.catch(() => {});
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why it was told to stop; null while it may go on. */
  get stopped(): JobStopReason | null {
    return this.#stopped;
  }

  stop(why: JobStopReason): void {
    // A lost lock outweighs all else: the job is no longer ours to move.
    if (this.#stopped === null || why === "lock_lost") this.#stopped = why;
    this.#controller.abort(new JobStopped(why));
  }

  /** For a handler that does not listen to its signal. */
  letGo(): void {
    this.stop("shutdown");
    this.#release(this.signal.reason);
  }

  current(): CurrentJob {
    const { build, step } = this.task;
    return {
      build,
      step,
      label: this.task.step === "seal" ? null : this.task.label,
      range: this.task.step === "mill" ? this.task.range : null,
      attempt: this.attempt,
      progress: this.progress,
    };
  }
}
