import { z } from "zod";

/** What ends an attempt at a job, on this worker at least. */
const endingKinds = [
  "parked",
  "completed",
  "retrying",
  "failed",
  "handed_back",
  "delayed",
  "rate_limited",
  "cancelled",
  "lock_lost",
] as const;

/** What happened to a job; told to `onEvent` and sent to everyone who listens. Lossy: the truth lies in the records. */
export const jobEventSchema = z.object({
  /** By the worker's clock. */
  at: z.iso.datetime(),
  kind: z.enum(["started", "progress", "note", ...endingKinds]),
  build: z.string(),
  dataset: z.string(),
  step: z.enum(["seal", "plan", "finish", "mill"]).nullable(),
  label: z.string().nullable(),
  range: z.string().nullable(),
  /** The worker's name. */
  worker: z.string().nullable(),
  attempt: z.int().nullable(),
  /** Progress, a result, a failure {code, message, where}, or the reason of a delay. */
  detail: z.json(),
});
export type JobEvent = z.output<typeof jobEventSchema>;

const ending: ReadonlySet<string> = new Set(endingKinds);

/** Whether an event of this kind, or a line of a log that was made of one, ends what one that began has begun. */
export function endsAttempt(kind: string): boolean {
  return ending.has(kind);
}
