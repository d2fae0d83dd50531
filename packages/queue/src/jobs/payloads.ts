import type { Json } from "@shardmill/core";
import { z } from "zod";

/** What travels through Redis. Parsed at the border both ways; `payload` belongs to the pipeline and is opaque here. */
const jsonSchema: z.ZodType<Json> = z.json();

/** No `--`: it ends the build's name in a job id. No `:`: BullMQ refuses it. */
const buildNameSchema = z
  .string()
  .max(120)
  .regex(/^[A-Za-z0-9](?:[-.]?[A-Za-z0-9_])*$/, "expected letters, digits, and single - _ . between them");

const labelSchema = z
  .string()
  .max(120)
  .regex(/^[a-z0-9](?:-?[a-z0-9_])*$/, "expected a part label such as p0073 or ai2d-p0000");

const rangeLabelSchema = z
  .string()
  .max(40)
  .regex(/^[a-z0-9_]+$/, "expected a range such as 0000 or r01")
  .refine((range) => range !== "part", "expected a range, not the word that marks a part's own job");

const partFields = {
  label: labelSchema,
  subset: z.string().nullable(),
  part: z.int().nonnegative(),
  payload: jsonSchema.default(null),
};

const buildFields = { build: buildNameSchema, run: z.int().nonnegative(), dataset: z.string().min(1) };

export const buildRunSchema = z.object({
  ...buildFields,
  /** Handed to `sealBuild`. */
  payload: jsonSchema.default(null),
  parts: z.array(z.object(partFields)).min(1).max(100_000),
});
/** Parts of a build that are made together: what a request became in the queue. Every one has a `run` number of its own. */
export type BuildRun = z.input<typeof buildRunSchema>;
export type ParsedBuildRun = z.output<typeof buildRunSchema>;

export const shardJobSchema = z.object({ range: rangeLabelSchema, payload: jsonSchema.default(null) });
/** What `planPart` returns for each shard that has to be made. */
export type ShardJob = z.input<typeof shardJobSchema>;

const sealTaskSchema = z.object({
  step: z.literal("seal"),
  ...buildFields,
  payload: jsonSchema,
  parts: z.array(z.string()),
});
/** The last job of a build: runs when all its parts have ended, well or not. */
export type SealTask = z.output<typeof sealTaskSchema>;

const partTaskSchema = z.object({
  /** The part's job runs twice: it plans, waits for its shards, and finishes. */
  step: z.enum(["plan", "finish"]),
  ...buildFields,
  ...partFields,
});
export type PartTask = z.output<typeof partTaskSchema>;

const shardTaskSchema = z.object({
  step: z.literal("mill"),
  ...buildFields,
  ...partFields,
  range: rangeLabelSchema,
});
export type ShardTask = z.output<typeof shardTaskSchema>;

export const taskSchema = z.discriminatedUnion("step", [sealTaskSchema, partTaskSchema, shardTaskSchema]);
export type Task = z.output<typeof taskSchema>;
export type Step = Task["step"];
