import { z } from "zod";

/** What a worker says of itself every two seconds or so. */
export const workerBeatSchema = z.object({
  worker: z.string().min(1).max(200),
  host: z.string(),
  pid: z.int(),
  version: z.string(),
  role: z.enum(["plan", "mill"]),
  current: z.array(
    z.object({
      build: z.string(),
      step: z.string(),
      label: z.string().nullable(),
      range: z.string().nullable(),
      /** The member that its output waits for. */
      member: z.string().max(400).nullable().default(null),
    }),
  ),
  /** What it may take of its machine and its line; null where nothing limits it, or for a worker that has no such limits. */
  limits: z
    .object({
      minFreeBytes: z.number(),
      maxOutputBytes: z.number().nullable(),
      maxBytesPerS: z.number().nullable(),
    })
    .nullable()
    .default(null),
  /** Builds of which it takes no job, since its versions are not theirs: their bytes could differ. */
  refuses: z
    .array(z.object({ build: z.string(), dataset: z.string(), why: z.string().max(400) }))
    .max(50)
    .default([]),
});
export type WorkerBeat = z.output<typeof workerBeatSchema>;
export type WorkerBeatInput = z.input<typeof workerBeatSchema>;
