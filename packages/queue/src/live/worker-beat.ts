import { z } from "zod";

/** What a worker says of itself every two seconds or so. */
export const workerBeatSchema = z.object({
  worker: z.string().min(1).max(200),
  host: z.string(),
  pid: z.int(),
  version: z.string(),
  role: z.enum(["plan", "mill"]),
  /** When its process began; null of one that does not tell. */
  startedAt: z.string().max(40).nullable().default(null),
  /** What its process has of the machine's memory, its media children not counted. */
  memoryBytes: z.number().nullable().default(null),
  /** Of a process that works beside another of its machine, that one's name: both are told as one worker. */
  partOf: z.string().max(200).nullable().default(null),
  /** Processes that the worker is to be, and those of them that live. */
  processes: z.int().default(1),
  alive: z.int().default(1),
  /** It takes no new job, since a person wants it so. */
  rests: z.boolean().default(false),
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
  /** Builds of which it takes no job: its versions are not theirs, so that bytes could differ, or its output is another one. */
  refuses: z
    .array(
      z.object({
        build: z.string(),
        dataset: z.string(),
        code: z.enum(["toolchain_mismatch", "output_differs"]).default("toolchain_mismatch"),
        why: z.string().max(400),
      }),
    )
    .max(50)
    .default([]),
});
export type WorkerBeat = z.output<typeof workerBeatSchema>;
export type WorkerBeatInput = z.input<typeof workerBeatSchema>;
