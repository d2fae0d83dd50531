import { mediaKinds } from "@shardmill/core";
import { z } from "zod";
import { meterSchema, runningShardSchema } from "./build.ts";
import { logLineSchema } from "./part.ts";

const count = z.int();

const datasetSummarySchema = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  license: z.string(),
  licenseNote: z.string(),
  homepage: z.string().nullable(),
  media: z.enum(mediaKinds),
  source: z.string(),
  parts: count.nullable(),
  annotations: count.nullable(),
  /** False: it has no place of its own, and the service was given no folder for it. */
  buildable: z.boolean(),
  presets: z.array(z.string()),
  /** What whoever builds it has to accept (`acceptTerms`); null of one that asks for nothing. */
  conditions: z
    .object({ license: z.string(), lines: z.array(z.string()), url: z.string().nullable() })
    .nullable(),
});
export type DatasetSummary = z.output<typeof datasetSummarySchema>;
export const datasetsSchema = z.object({
  datasets: z.array(datasetSummarySchema),
  /** Those that a request can name in `recipe`. */
  recipes: z.array(z.object({ name: z.string(), title: z.string() })),
  /** Files of datasets, recipes, tokenizers and models that hold mistakes: what they name cannot be asked for. */
  invalid: z.array(z.object({ file: z.string(), problems: z.array(z.string()) })),
});
export type Datasets = z.output<typeof datasetsSchema>;

const workerSchema = z.object({
  worker: z.string(),
  host: z.string(),
  pid: count,
  version: z.string(),
  role: z.enum(["plan", "mill"]),
  /** When its process began, and what that has of the machine's memory without its media children; null where it does not tell. */
  startedAt: z.string().nullable(),
  memoryBytes: z.number().nullable(),
  /** Processes that it is meant to be, of which one feeds some twenty decoders, and those of them that live. */
  processes: count,
  alive: count,
  /** It takes no new job, since a person wants it so. */
  rests: z.boolean(),
  /** False: its version is not the service's. */
  sameVersion: z.boolean(),
  current: z.array(
    z.object({
      build: z.string(),
      step: z.string(),
      label: z.string().nullable(),
      range: z.string().nullable(),
      /** The member that its output waits for. */
      member: z.string().nullable(),
    }),
  ),
  /** Builds of which it takes no job: its versions (toolchain_mismatch) or its output folder (output_differs) are not theirs. */
  refuses: z.array(
    z.object({
      build: z.string(),
      dataset: z.string(),
      code: z.enum(["toolchain_mismatch", "output_differs"]),
      why: z.string(),
    }),
  ),
});

export const restSchema = z.strictObject({ worker: z.string().min(1).max(200), rests: z.boolean() });

const roleCounts = z.object({ waiting: count, active: count, delayed: count, parked: count });
export const workersSchema = z.object({
  workers: z.array(workerSchema),
  queue: z.object({ plan: roleCounts, mill: roleCounts }),
  /** What is wrong right now, in words for a person; none when all is well. */
  alarms: z.array(z.object({ code: z.string(), message: z.string(), remedy: z.string() })),
  /** Where the output lies; null of a bucket, which does not tell. */
  freeBytes: z.number().nullable(),
  version: z.string(),
});
export type Workers = z.output<typeof workersSchema>;

/** What travels over GET /api/events. `status` says that figures of a dataset changed and are worth asking for again. */
const liveEventSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("hello"), version: z.string(), clients: count }),
  z.object({ kind: z.literal("job"), dataset: z.string(), line: logLineSchema }),
  z.object({ kind: z.literal("progress"), dataset: z.string(), shard: runningShardSchema }),
  z.object({ kind: z.literal("meter"), dataset: z.string(), meter: meterSchema }),
  z.object({ kind: z.literal("status"), dataset: z.string() }),
  /** The client was too slow and events were dropped: ask for everything again. */
  z.object({ kind: z.literal("gap") }),
]);
export type LiveEvent = z.output<typeof liveEventSchema>;

export const readySchema = z.object({
  ready: z.boolean(),
  queue: z.boolean(),
  output: z.boolean(),
  /** False while the records of the builds are read for the first time after the start. */
  records: z.boolean(),
});
export const healthSchema = z.object({ ok: z.literal(true), version: z.string() });
