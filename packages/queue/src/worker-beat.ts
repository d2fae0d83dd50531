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
      member: z.string().nullable().default(null),
    }),
  ),
});
export type WorkerBeat = z.output<typeof workerBeatSchema>;
