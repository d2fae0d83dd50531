import { z } from "zod";
import { type Code, isCode } from "./codes.ts";
import { dataset01Schema } from "./dataset-0.1.ts";
import { partLabel } from "./names.ts";
import type { Recipe } from "./recipe.ts";
import {
  type AnnotationsRecord,
  type BuildRecord,
  type Manifest,
  type PartEnd,
  type PartPlan,
  recordVersion,
} from "./records.ts";

/**
 * The records as version 0.1 wrote them (`"version": 1`), read as those of today. Frozen: what 0.1 wrote does not change
 * any more, so neither do these schemas; only what they are turned into follows the records of today. What 0.1 did not
 * record is null, or what it meant where that is certain. Nothing is ever written in this form again.
 */
const version = z.literal(1);
const int = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const archive = z.enum(["zip", "tar", "tar.gz", "parquet", "images", "urls", "roots"]);
const code = z
  .string()
  .refine(isCode, "expected a code of core/codes.ts")
  .transform((text) => text as Code);

const file = z.object({
  path: z.string(),
  sizeBytes: int,
  sha256: z.string().nullable(),
  oid: z.string().nullable(),
});

const counts = z.object({
  members: int,
  packed: int,
  failed: int,
  skipped: int,
  byCode: z.record(z.string(), int),
});

const toolchain = z.object({
  shardmill: z.string(),
  decoder: z.string(),
  sharp: z.string(),
  libvips: z.string(),
});

const range = z.object({
  range: int,
  shard: z.string(),
  first: int,
  last: int,
  members: int,
  startByte: int,
  endByte: int,
});

export const partPlan01Schema = z
  .object({
    version,
    dataset: z.string(),
    subset: z.string().nullable(),
    part: int,
    archive,
    pieces: z.array(file),
    contentId: sha256,
    annotationsId: sha256,
    recipeHash: sha256,
    open: z.boolean(),
    members: int.nullable(),
    leftOut: counts,
    annotationsUsed: int.nullable(),
    ranges: z.array(range),
    rebuiltFor: z.int().optional(),
  })
  .transform(
    (plan): PartPlan => ({
      ...plan,
      version: recordVersion,
      ranges: plan.ranges.map((planned) => ({ ...planned, digest: null })),
      remarks: [],
      revision: null,
      annotationFiles: null,
    }),
  );

export const manifest01Schema = z
  .object({
    version,
    shard: z.string(),
    dataset: z.string(),
    subset: z.string().nullable(),
    part: int,
    range: int.nullable(),
    supplement: z.int().positive().nullable(),
    first: int,
    last: int,
    contentId: sha256,
    annotationsId: sha256,
    recipeHash: sha256,
    tar: z.object({ bytes: z.int().positive(), sha256, md5: z.string().regex(/^[0-9a-f]{32}$/) }).nullable(),
    samples: int,
    frames: int,
    firstKey: z.string().nullable(),
    lastKey: z.string().nullable(),
    counts,
    supersedes: counts.nullable(),
    annotationsUsed: int,
    toolchain,
    made: z.object({
      source: z.string(),
      revision: z.string().nullable(),
      worker: z.string(),
      committedAt: z.string(),
      seconds: z.number(),
      bytesRead: int,
      retriedClips: int,
    }),
  })
  .transform(
    (manifest): Manifest => ({ ...manifest, version: recordVersion, rangeDigest: null, remarks: [] }),
  );

export const partEnd01Schema = z
  .object({
    version,
    subset: z.string().nullable(),
    part: int,
    state: z.enum(["done", "failed", "adopted"]),
    code: code.nullable(),
    detail: z.string().nullable(),
    endedAt: z.string(),
    build: z.string(),
  })
  .transform((end): PartEnd => ({ ...end, version: recordVersion }));

export const annotationsRecord01Schema = z
  .object({
    version,
    subset: z.string().nullable(),
    id: sha256,
    count: int,
    duplicates: int,
  })
  .transform((record): AnnotationsRecord => ({ ...record, version: recordVersion, remarks: [] }));

const recipe = z
  .object({
    samplesPerShard: z.number(),
    fps: z.number(),
    maxFrames: z.number(),
    size: z.number(),
    fit: z.enum(["cover", "contain", "stretch"]),
    align: z.enum(["center", "start"]),
    overflow: z.enum(["truncate", "uniform"]),
    sampling: z.enum(["exact", "keyframes"]),
    quality: z.number(),
    minFrameShare: z.number(),
    decoder: z.enum(["libav", "process"]),
    records: z.enum(["merge", "each"]),
    media: z.enum(["auto", "video", "frames"]),
    limits: z.object({ maxBytes: z.number(), maxPixels: z.number(), maxDurationS: z.number() }),
  })
  .transform((written): Recipe => ({ ...written, turns: "together", text: { format: "raw" } }));

const partRef = z.object({ subset: z.string().nullable(), part: int });

const build = z.object({
  version,
  build: z.string(),
  dataset: dataset01Schema,
  source: z.object({
    kind: z.enum(["hub", "folder", "http"]),
    name: z.string(),
    revision: z.string().nullable(),
    location: z.string(),
  }),
  recipe,
  recipeHash: sha256,
  annotationFiles: z.array(
    z.object({
      file,
      subset: z.string().nullable(),
      set: z.string(),
      format: z.enum(["csv", "json", "jsonl", "parquet"]),
    }),
  ),
  toolchain,
  createdAt: z.string(),
  parts: z.array(
    partRef.extend({
      archive,
      pieces: z.array(file),
      absent: z.object({ code, reason: z.string() }).nullable(),
    }),
  ),
  selected: z.array(partRef),
  remarks: z.array(z.string()),
});

export const buildRecord01Schema = build.transform(
  (record): BuildRecord => ({
    ...record,
    version: recordVersion,
    parts: record.parts.map((part) => ({ ...part, revision: null, now: null })),
    asked: askedBy(record),
    entry: null,
    recipeName: null,
    tokenizer: null,
  }),
);

/** 0.1 kept the last request only: it asked for everything if it took every part that the source had. */
function askedBy({ selected, parts }: z.output<typeof build>): BuildRecord["asked"] {
  const labels = new Set(selected.map(partLabel));
  const everything = parts.every(
    (part) => part.absent !== null || part.archive === "roots" || labels.has(partLabel(part)),
  );
  return { everything, parts: selected };
}
