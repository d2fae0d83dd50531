import { z } from "zod";
import { archiveKinds, datasetSchema, recordFormats } from "./dataset.ts";
import { recordedPlaceSchema } from "./dataset-sources.ts";
import { recipeSchema } from "./recipe.ts";
import { codeSchema, sha256Schema, sourceNowSchema } from "./record-values.ts";
import { remarkSchema } from "./remarks.ts";
import { shardMadeSchema } from "./shard-made.ts";
import { withdrawnSampleSchema } from "./withdrawn.ts";

/**
 * The records that lie beside the data in OUT/<dataset>/.shardmill. They are the truth;
 * Redis only schedules. Paths in records are relative to the store.
 *
 * These are the records as this version writes them. Those of an earlier version are read through schemas of their own,
 * which never change again (records-0.1.ts), and come out as these; readable-records.ts chooses. Lines of plans and
 * ledgers carry no version: the plan or manifest that they belong to has it.
 */
export const recordVersion = 2;
const version = z.literal(recordVersion);

/**
 * `roots`: not of the source, but files of the user's own that records name and no part holds. `shards`: those of another
 * output.
 */
const recordedArchiveSchema = z.enum([...archiveKinds, "roots", "shards"]);

const fileIdentitySchema = z.object({
  path: z.string(),
  sizeBytes: z.int().nonnegative(),
  sha256: z.string().nullable(),
  oid: z.string().nullable(),
  stamp: z.string().nullable().optional(),
});

const byCodeSchema = z.record(z.string(), z.int().nonnegative());

const countsSchema = z.object({
  members: z.int().nonnegative(),
  packed: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  skipped: z.int().nonnegative(),
  /** Failed and skipped members by code. */
  byCode: byCodeSchema,
});
export type Counts = z.output<typeof countsSchema>;

/** One member's fate. One JSON line in ledger/<shard>.jsonl; `position` orders the lines. */
export const ledgerLineSchema = z.object({
  position: z.int().nonnegative(),
  member: z.string(),
  outcome: z.enum(["packed", "failed", "skipped"]),
  /** First key of the member's sample(s), when packed. */
  key: z.string().nullable(),
  code: codeSchema.nullable(),
  detail: z.string().nullable(),
  /** Attempts of the media children; 1 where nothing went wrong. */
  attempt: z.int().positive(),
  frames: z.int().nonnegative().nullable(),
  /** Of a packed member: which original its samples come of (group.ts). Not there: it was made before this was recorded. */
  group: z.string().optional(),
});
export type LedgerLine = z.output<typeof ledgerLineSchema>;

export const toolchainSchema = z.object({
  shardmill: z.string(),
  decoder: z.string(),
  sharp: z.string(),
  libvips: z.string(),
});
export type Toolchain = z.output<typeof toolchainSchema>;

const rangePlanSchema = z.object({
  range: z.int().nonnegative(),
  /** Without `.tar`. */
  shard: z.string(),
  /** Positions of the first and last member of the range, inclusive. */
  first: z.int().nonnegative(),
  last: z.int().nonnegative(),
  /** Annotated members in the range. */
  members: z.int().nonnegative(),
  /** Byte span of the range in the (virtual) archive. */
  startByte: z.int().nonnegative(),
  endByte: z.int().nonnegative(),
  /** Of the members with their records: what decides whether a shard is of this range. Null: made by 0.1. */
  digest: sha256Schema.nullable(),
});
export type RangePlan = z.output<typeof rangePlanSchema>;

/** plans/<part label>.json; the members of range r lie in plans/<part label>-<rrrr>.jsonl. */
export const partPlanSchema = z.object({
  version,
  dataset: z.string(),
  subset: z.string().nullable(),
  part: z.int().nonnegative(),
  archive: recordedArchiveSchema,
  pieces: z.array(fileIdentitySchema),
  contentId: sha256Schema,
  annotationsId: sha256Schema,
  recipeHash: sha256Schema,
  /** Stream-only parts are planned open: ranges are recorded as they commit, and members is null until the end. */
  open: z.boolean(),
  /** Every member of the part, those left out included. */
  members: z.int().nonnegative().nullable(),
  /** Of a small build: how many annotated members the whole part has, where its directory tells. */
  whole: z.int().nonnegative().optional(),
  /** Members left out before decoding; their lines lie in ledger/<dataset>-<part label>-plan.jsonl. */
  leftOut: countsSchema,
  /** Annotation records used by members of this part, when known. */
  annotationsUsed: z.int().nonnegative().nullable(),
  ranges: z.array(rangePlanSchema),
  /** Found while planning. */
  remarks: z.array(remarkSchema),
  /** The commit that it was made from; null for a folder. */
  revision: z.string().nullable(),
  /** Its subset's licence, where that is another than the dataset's: a part of the content's identity. */
  license: z.string().optional(),
  /** Of a benchmark: what the parts were that its questions go to before they go to this one. */
  earlier: sha256Schema.optional(),
  /** The annotation files that it was made from, each with its content (`sha256:...` or `oid:...`). Null: made by 0.1. */
  annotationFiles: z.array(z.object({ path: z.string(), content: z.string() })).nullable(),
  /** Digests of supplements of an earlier plan whose members are in this one as they were. */
  keptSupplements: z.array(sha256Schema).optional(),
  /** Set while another plan is made in its place: until then the part is stale, whatever it is compared with. */
  isBeingReplaced: z.boolean().optional(),
  /** Run number of the rebuild that dropped what stood before: planning again for the same run drops nothing. */
  rebuiltFor: z.int().optional(),
});
export type PartPlan = z.output<typeof partPlanSchema>;

/** Of these parts the members are rows or samples, numbered through: their numbers say all, and are not listed beside the plan. */
export function isNumberedThrough({ archive }: Pick<PartPlan, "archive">): boolean {
  return archive === "parquet" || archive === "shards";
}

/** Fields as the data has them, whatever they are called: `z.record` drops a key `__proto__`, and the digest with it. */
const fieldsSchema = z.custom<Record<string, unknown>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "expected an object",
);

/** A line of plans/<part label>-<rrrr>.jsonl. `at` is the archive's own address of the member. */
export const plannedMemberSchema = z.object({
  position: z.int().nonnegative(),
  name: z.string(),
  at: fieldsSchema,
  records: z.array(z.object({ set: z.string(), fields: fieldsSchema })),
});
export type PlannedMember = z.output<typeof plannedMemberSchema>;

/** manifests/<shard>.json. Writing it is the commit of a shard. */
export const manifestSchema = z.object({
  version,
  shard: z.string(),
  dataset: z.string(),
  subset: z.string().nullable(),
  part: z.int().nonnegative(),
  /** Number of the range; null for a supplement. */
  range: z.int().nonnegative().nullable(),
  /** Number of the retry; null for a range's shard. */
  supplement: z.int().positive().nullable(),
  first: z.int().nonnegative(),
  last: z.int().nonnegative(),
  contentId: sha256Schema,
  /** What its plan was made from; what its members' records were is in `rangeDigest`. */
  annotationsId: sha256Schema,
  recipeHash: sha256Schema,
  /** Of the members that it was made of, as RangePlan has it; of a supplement, of the members it tried again. Null: made by 0.1. */
  rangeDigest: sha256Schema.nullable(),
  /** Null for a range that packed nothing: it has no tar and counts as done. */
  tar: z
    .object({ bytes: z.int().positive(), sha256: sha256Schema, md5: z.string().regex(/^[0-9a-f]{32}$/) })
    .nullable(),
  samples: z.int().nonnegative(),
  frames: z.int().nonnegative(),
  firstKey: z.string().nullable(),
  lastKey: z.string().nullable(),
  counts: countsSchema,
  /** What a supplement's members counted as before; null for a range's shard. Part = left out + ranges + (counts - supersedes). */
  supersedes: countsSchema.nullable(),
  annotationsUsed: z.int().nonnegative(),
  /** Of samples with tokens: all of them, those that the loss is taken on, and the samples that were cut. */
  tokens: z
    .object({ all: z.int().nonnegative(), loss: z.int().nonnegative(), cut: z.int().nonnegative() })
    .optional(),
  /** Of samples with a `duration`: all of them together. Not there: none has one, or it was made before this was recorded. */
  durationMs: z.int().nonnegative().optional(),
  /** Samples that have been withdrawn since, and that its tar holds still. All other figures of the tar have them, its counts have not. */
  withdrawn: z.array(withdrawnSampleSchema).optional(),
  /** The shard of another output that its samples were taken from. */
  origin: z.object({ dataset: z.string(), shard: z.string(), sha256: sha256Schema }).optional(),
  /** Found while milling. */
  remarks: z.array(remarkSchema),
  toolchain: toolchainSchema,
  /** For people and metrics; no part of the shard's identity. */
  made: shardMadeSchema,
});
export type Manifest = z.output<typeof manifestSchema>;

/** parts/<part label>.json: how the part ended last time it ended. */
export const partEndSchema = z.object({
  version,
  subset: z.string().nullable(),
  part: z.int().nonnegative(),
  state: z.enum(["done", "failed", "adopted"]),
  code: codeSchema.nullable(),
  detail: z.string().nullable(),
  /** Failed while a stale part was planned anew: its old plan and shards stand, and say nothing for it. */
  isOfReplanning: z.boolean().optional(),
  endedAt: z.string(),
  /** The build and run that wrote it. */
  build: z.string(),
});
export type PartEnd = z.output<typeof partEndSchema>;

/** annotations/<subset or all>.json: what indexing the annotations gave. */
export const annotationsRecordSchema = z.object({
  version,
  subset: z.string().nullable(),
  id: sha256Schema,
  count: z.int().nonnegative(),
  duplicates: z.int().nonnegative(),
  /** Found while indexing. */
  remarks: z.array(remarkSchema),
});
export type AnnotationsRecord = z.output<typeof annotationsRecordSchema>;

const partRefSchema = z.object({ subset: z.string().nullable(), part: z.int().nonnegative() });

/** build.json: the request as it was resolved, kept for resume, retry and status. */
export const buildRecordSchema = z.object({
  version,
  build: z.string(),
  dataset: datasetSchema,
  source: z.object({
    /** output: another dataset of the same output root. */
    kind: z.enum(["hub", "folder", "http", "output"]),
    name: z.string(),
    revision: z.string().nullable(),
    /** A folder's path on the machines that run the build, the endpoint of a Hub, or an output's name; never a credential. */
    location: z.string(),
  }),
  /** Further places that the entry names; absent where it names none. */
  sources: z.array(recordedPlaceSchema).optional(),
  /** The catalogue's entry, where the output has a name of its own. */
  entry: z.string().nullable().default(null),
  recipe: recipeSchema,
  /** The named recipe that its settings began with. */
  recipeName: z.string().nullable().default(null),
  recipeHash: sha256Schema,
  /** What makes tokens of its texts: its files lie beside the records under `files`, their sha256 together. */
  tokenizer: z
    .object({
      name: z.string(),
      files: sha256Schema,
      identity: z.object({ tokenizer: sha256Schema, template: sha256Schema }),
    })
    .nullable()
    .default(null),
  annotationFiles: z.array(
    z.object({
      file: fileIdentitySchema,
      subset: z.string().nullable(),
      set: z.string(),
      format: z.enum(recordFormats),
      /** As in a plan, when the source was last looked at and a part had been planned. */
      content: z.string().optional(),
    }),
  ),
  toolchain: toolchainSchema,
  createdAt: z.string(),
  /** Every part of the listing, built or not. */
  parts: z.array(
    partRefSchema.extend({
      archive: recordedArchiveSchema,
      pieces: z.array(fileIdentitySchema),
      absent: z.object({ code: codeSchema, reason: z.string() }).nullable(),
      /** The commit that its plan was made from, as far as it had one when this was written. */
      revision: z.string().nullable(),
      /** What the source had when it was last looked at; null for a part without a plan. Another plan is stale. */
      now: sourceNowSchema.nullable(),
    }),
  ),
  /** The parts asked for by the last request. */
  selected: z.array(partRefSchema),
  /** The parts that requests of this output have ever asked for; `everything` covers those the source gains later too. */
  asked: z.object({ everything: z.boolean(), parts: z.array(partRefSchema) }),
  remarks: z.array(z.string()),
});
export type BuildRecord = z.output<typeof buildRecordSchema>;
