import { z } from "zod";
import { jsonValue } from "./json.ts";
import { datasetName, outputName, partsText, settingText } from "./names.ts";
import { partStateSchema, remarkSchema } from "./part.ts";
import { problemSchema } from "./problem.ts";

const count = z.int();

const controlSchema = z.enum(["run", "pause", "cancel"]);

export const createBuildSchema = z.strictObject({
  dataset: datasetName,
  /** The output's own name, where it is not to be the dataset's: several forms of a dataset lie side by side. */
  as: outputName.optional(),
  parts: partsText.optional(),
  /** A named recipe, below the settings. */
  recipe: z.string().max(100).optional(),
  settings: z.array(settingText).max(50).optional(),
  /** A changed recipe or source replaces what stands, instead of being refused. */
  rebuild: z.boolean().optional(),
  /** The conditions of the dataset are accepted; without it they are told in the answer's remarks, once. */
  acceptTerms: z.boolean().optional(),
  dryRun: z.boolean().optional(),
});

/** One part that a request runs, or would run. */
const planItemSchema = z.object({
  label: z.string(),
  why: z.string(),
  /** Null: the part has to be planned first. */
  shards: count.nullable(),
  samples: count.nullable(),
  bytes: z.number(),
});

/**
 * dry_run: nothing was started. planning: the source's listing takes longer than a request may; how it ended is told by
 * GET /api/builds/:dataset (`request`) and by the event `status`. queued: the items are jobs now.
 * nothing_to_do: all of it is done, at work already, or stale.
 */
export const requestAnswerSchema = z.object({
  state: z.enum(["dry_run", "planning", "queued", "nothing_to_do"]),
  dataset: z.string(),
  build: z.string().nullable(),
  items: z.array(planItemSchema),
  totals: z.object({ parts: count, shards: count.nullable(), samples: count.nullable(), bytes: z.number() }),
  /** Parts of the request that are done, at work or absent, and so are left alone. Stale ones are told apart. */
  leftAlone: count,
  /** Stale parts of the request, which it leaves alone: a retry of the kind `stale` makes them again. */
  stale: z.array(z.object({ label: z.string(), why: z.string() })),
  remarks: z.array(z.string()),
});
export type RequestAnswer = z.output<typeof requestAnswerSchema>;

export const meterSchema = z.object({
  samplesPerS: z.number(),
  framesPerS: z.number(),
  bytesPerS: z.number(),
  /** Null when nothing is at work or nothing has been measured yet. */
  eta: z.object({ lowS: z.number(), highS: z.number() }).nullable(),
  /** Seconds since any job of the build told something; null before the first. */
  silentS: z.number().nullable(),
});
export type Meter = z.output<typeof meterSchema>;

const stateCountsSchema = z.record(partStateSchema, count);
export type StateCounts = z.output<typeof stateCountsSchema>;

const totalsSchema = z.object({
  members: count,
  packed: count,
  failed: count,
  skipped: count,
  /** Members that a plan has and no fate is told of yet; of parts that are not planned nobody knows any. */
  toDo: count,
  /** Parts that were asked for and are not done, whatever keeps them. */
  partsToDo: count,
  unmatched: count.nullable(),
  /** Of a benchmark: questions whose media nobody fetched, when a build ended last; null of any other, and before. */
  notFetched: count.nullable(),
  byCode: z.record(z.string(), count),
  samples: count,
  frames: count,
  shardBytes: z.number(),
  shards: count,
  /** Of samples with tokens: all of them, those that the loss is taken on, samples that were cut. Null where none has any. */
  tokens: z.object({ all: count, loss: count, cut: count }).nullable(),
});

export const runningShardSchema = z.object({
  label: z.string().nullable(),
  range: z.string().nullable(),
  step: z.string(),
  worker: z.string(),
  shard: z.string().nullable(),
  /** The member that the shard waits for now. */
  member: z.string().nullable(),
  done: count.nullable(),
  of: count.nullable(),
  packed: count.nullable(),
  failed: count.nullable(),
});
export type RunningShard = z.output<typeof runningShardSchema>;

/**
 * The last time that the build was at work. unknown: nobody was there at its end, so that it is counted to the last thing
 * that it left; none: it was never at work.
 */
const buildTimeSchema = z.object({
  state: z.enum(["none", "running", "ended", "unknown"]),
  beganAt: z.string().nullable(),
  /** Until now while it runs, and no further when it has ended. */
  seconds: z.number(),
  endedAt: z.string().nullable(),
});
export type BuildTime = z.output<typeof buildTimeSchema>;

const buildSummarySchema = z.object({
  dataset: z.string(),
  title: z.string(),
  build: z.string(),
  createdAt: z.string(),
  control: controlSchema,
  /** Why its queue cannot be asked: control, jobs and who is at work are then told as if there were no jobs. */
  queueProblem: problemSchema.nullable(),
  /** True while jobs of it wait or run. */
  active: z.boolean(),
  /** No job of it is there yet, but what was asked for has not ended and is taken up by itself, as after a restart. */
  awaited: z.boolean(),
  time: buildTimeSchema,
  parts: count,
  states: stateCountsSchema,
  totals: totalsSchema,
  meter: meterSchema,
});
export type BuildSummary = z.output<typeof buildSummarySchema>;

/** The last request for a dataset, when it is still being planned or could not be. */
const pendingRequestSchema = z.object({
  state: z.enum(["planning", "failed"]),
  problem: problemSchema.nullable(),
});

export const buildsSchema = z.object({
  builds: z.array(buildSummarySchema),
  /** Builds whose records cannot be read: damaged, or of a newer version. */
  unreadable: z.array(z.object({ dataset: z.string(), title: z.string(), problem: problemSchema })),
  /** Also of datasets that have no build yet. */
  requests: z.array(pendingRequestSchema.extend({ dataset: z.string() })),
});
export type Builds = z.output<typeof buildsSchema>;

/** What the build has and needs of disk and network. The limits are those its workers were started with. */
const budgetSchema = z.object({
  disk: z.object({
    /** Null where the output lies in a bucket, which does not tell. */
    freeBytes: z.number().nullable(),
    usedBytes: z.number(),
    /** Of the parts at work, as far as can be told from the samples so far; null before the first. */
    toWriteBytes: z.number().nullable(),
    keepFreeBytes: z.number(),
    maxOutputBytes: z.number().nullable(),
  }),
  network: z.object({
    /** Of the parts at work. */
    toReadBytes: z.number(),
    /** Of all workers together; null when one of them has no limit. */
    maxBytesPerS: z.number().nullable(),
  }),
});
export type Budget = z.output<typeof budgetSchema>;

/** How many parts each retry would run now. */
const retryCountsSchema = z.object({
  missing: count,
  /** With `all`: parts that nobody has asked for yet are among them. */
  missingOfAll: count,
  failed: count,
  stale: count,
});

export const buildDetailSchema = buildSummarySchema.extend({
  /** The catalogue's entry, where the output has a name of its own. */
  entry: z.string().nullable(),
  source: z.object({ kind: z.string(), name: z.string(), revision: z.string().nullable() }),
  license: z.string(),
  homepage: z.string().nullable(),
  recipe: z.record(z.string(), jsonValue),
  recipeHash: z.string(),
  toolchain: z.record(z.string(), z.string()),
  remarks: z.array(z.string()),
  annotationRemarks: z.array(remarkSchema),
  /** The remarks of all parts, by code; `first` is where the detail is from. */
  partRemarks: z.array(remarkSchema.extend({ parts: count, first: z.string() })),
  retries: retryCountsSchema,
  request: pendingRequestSchema.nullable(),
  jobs: z.object({ waiting: count, active: count, delayed: count, failed: count }),
  running: z.array(runningShardSchema),
  budget: budgetSchema,
});
export type BuildDetail = z.output<typeof buildDetailSchema>;

/** Who asked for what, when, and what came of it: the newest first, a hundred at most. */
export const requestsSchema = z.object({
  requests: z.array(
    z.object({
      at: z.string(),
      verb: z.enum(["build", "rebuild", "retry", "pause", "resume", "cancel"]),
      /** What of the build it was about; null: all of it. */
      about: z.string().nullable(),
      /** command: user@host. page, api: the caller's address, and the name that it gave itself (`shardmill-client`). */
      origin: z.object({ kind: z.enum(["command", "page", "api"]), who: z.string() }),
      result: z.enum(["queued", "nothing_to_do", "done", "refused"]),
      parts: count.nullable(),
      code: z.string().nullable(),
      detail: z.string().nullable(),
    }),
  ),
});
export type Requests = z.output<typeof requestsSchema>;

export const putAwaySchema = z.object({ dataset: z.string(), request: pendingRequestSchema.nullable() });

export const controlAnswerSchema = z.object({ dataset: z.string(), control: controlSchema });
export const partControlAnswerSchema = controlAnswerSchema.extend({ part: z.string() });
