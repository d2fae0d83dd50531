import { z } from "zod";
import { codeName, page, pageSizeOf, partsText } from "./names.ts";

const count = z.int();

const leftOutSchema = z.object({
  part: z.string(),
  member: z.string(),
  position: count,
  outcome: z.enum(["failed", "skipped"]),
  code: z.string(),
  detail: z.string(),
  attempt: count,
});

const failureGroupSchema = z.object({
  code: z.string(),
  kind: z.enum(["failed", "skipped"]),
  count,
  parts: count,
  meaning: z.string(),
  remedy: z.string(),
  retryable: z.boolean(),
  examples: z.array(leftOutSchema),
});
export type FailureGroup = z.output<typeof failureGroupSchema>;

export const failuresQuerySchema = z.strictObject({
  /** A list as `--parts` takes it. */
  part: partsText.optional(),
  code: codeName.optional(),
  /** A text that stands in the member's name or in what was found, in capitals or not. */
  search: z.string().max(200).optional(),
  page,
  pageSize: pageSizeOf(50, 500),
});

export const failuresSchema = z.object({
  failed: count,
  skipped: count,
  groups: z.array(failureGroupSchema),
  /** Parts that failed as a whole, with the code of what ended them. */
  parts: z.array(
    z.object({
      label: z.string(),
      code: z.string().nullable(),
      detail: z.string(),
      meaning: z.string(),
      remedy: z.string(),
    }),
  ),
  /** The members that the filter leaves, in order of parts and archives. */
  members: z.object({
    page: count,
    pageSize: count,
    total: count,
    items: z.array(leftOutSchema),
    /** Parts that a text was not looked for in, since there are too many members before them: name some parts. */
    notSearched: count,
  }),
});
export type Failures = z.output<typeof failuresSchema>;

/** The selections of `shardmill retry`; `parts` narrows them. */
export const retrySelectionSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("missing"),
    parts: partsText.optional(),
    /** Of the whole dataset, and not only of the parts that requests have asked for. */
    all: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal("failed"), parts: partsText.optional() }),
  z.strictObject({ kind: z.literal("stale"), parts: partsText.optional() }),
  z.strictObject({ kind: z.literal("parts"), parts: partsText }),
  /** Shards of these parts that do not pass verification: each is read to its end. */
  z.strictObject({ kind: z.literal("corrupt"), parts: partsText }),
  z.strictObject({
    kind: z.literal("failed-samples"),
    /** Those that may end differently, when none is named. */
    codes: z.array(codeName).max(60).optional(),
    parts: partsText.optional(),
  }),
]);

export const retrySchema = z.strictObject({
  selection: retrySelectionSchema,
  dryRun: z.boolean().optional(),
});
