import { z } from "zod";
import { page, pageSizeOf } from "./names.ts";

/** As in core/states.ts, which a test compares with this list: a browser cannot load core. */
export const partStates = [
  "absent",
  "missing",
  "queued",
  "running",
  "partial",
  "done",
  "failed",
  "stale",
] as const;
export const partStateSchema = z.enum(partStates);
export type PartState = z.output<typeof partStateSchema>;

const count = z.int();

/** Something that costs no member and should be known, such as values that are no finite numbers. */
export const remarkSchema = z.object({
  code: z.string(),
  /** The first of it, in the source's own words. */
  detail: z.string(),
  count,
  meaning: z.string(),
});
export type Remark = z.output<typeof remarkSchema>;

const partSchema = z.object({
  label: z.string(),
  subset: z.string().nullable(),
  part: count,
  state: partStateSchema,
  /** A request has asked for it; else only `all` covers it. */
  asked: z.boolean(),
  members: count.nullable(),
  packed: count,
  failed: count,
  skipped: count,
  byCode: z.record(z.string(), count),
  samples: count,
  frames: count,
  shards: z.object({ done: count, total: count.nullable() }),
  sourceBytes: z.number(),
  shardBytes: z.number(),
  error: z.object({ code: z.string().nullable(), detail: z.string(), remedy: z.string() }).nullable(),
  remarks: z.array(remarkSchema),
  /** A person has paused it, or cancelled it and not asked for it again since. */
  held: z.object({ kind: z.enum(["pause", "cancel"]), at: z.string() }).nullable(),
});
export type Part = z.output<typeof partSchema>;

export const partsQuerySchema = z.strictObject({
  state: z
    .string()
    .max(100)
    .transform((text) => text.split(","))
    .pipe(z.array(partStateSchema))
    .optional(),
  /** A text that stands in the label, in capitals or not. */
  search: z.string().max(100).optional(),
  /** By number, or by a figure with the most first. */
  order: z.enum(["number", "failed", "skipped", "samples", "size"]).default("number"),
  page,
  pageSize: pageSizeOf(200, 1_000),
});

export const partsPageSchema = z.object({
  page: count,
  pageSize: count,
  total: count,
  parts: z.array(partSchema),
});
export type PartsPage = z.output<typeof partsPageSchema>;

/** A committed shard, as its manifest tells. */
const shardSchema = z.object({
  shard: z.string(),
  part: z.string(),
  /** Null for a supplement. */
  range: count.nullable(),
  supplement: count.nullable(),
  samples: count,
  frames: count,
  bytes: z.number(),
  members: count,
  packed: count,
  failed: count,
  skipped: count,
  firstKey: z.string().nullable(),
  lastKey: z.string().nullable(),
  worker: z.string(),
  committedAt: z.string(),
  seconds: z.number(),
  bytesRead: z.number(),
  retriedClips: count,
});
export type Shard = z.output<typeof shardSchema>;

export const shardsPageSchema = z.object({
  page: count,
  pageSize: count,
  total: count,
  shards: z.array(shardSchema),
});

/** One line of what the queue told of a part since the API started; newest last. */
export const logLineSchema = z.object({
  at: z.string(),
  kind: z.string(),
  step: z.string().nullable(),
  label: z.string().nullable(),
  range: z.string().nullable(),
  worker: z.string().nullable(),
  attempt: count.nullable(),
  text: z.string(),
  /** Of a failure, or why it waits. */
  code: z.string().nullable(),
});
export type LogLine = z.output<typeof logLineSchema>;

export const partDetailSchema = z.object({
  part: partSchema,
  pieces: z.array(z.object({ path: z.string(), sizeBytes: z.number() })),
  shards: z.array(shardSchema),
  /** Ranges that the plan names and that have no valid manifest yet; null without a plan. */
  open: z.array(z.object({ range: count, shard: z.string(), members: count })).nullable(),
  end: z
    .object({
      state: z.string(),
      code: z.string().nullable(),
      detail: z.string().nullable(),
      endedAt: z.string(),
    })
    .nullable(),
  log: z.array(logLineSchema),
  /** Tries at its jobs, as its log tells them: the newest first, 200 at most. `result` null: it lasts, or its worker was lost. */
  attempts: z.array(
    z.object({
      step: z.string(),
      range: z.string().nullable(),
      worker: z.string().nullable(),
      attempt: count.nullable(),
      beganAt: z.string().nullable(),
      endedAt: z.string().nullable(),
      result: z.string().nullable(),
      code: z.string().nullable(),
    }),
  ),
});
export type PartDetail = z.output<typeof partDetailSchema>;
