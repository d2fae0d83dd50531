import type { z } from "zod";
import { noCounts } from "../src/books.ts";
import { type Dataset, datasetSchema } from "../src/dataset.ts";
import { defaultRecipe } from "../src/recipe.ts";
import {
  type AnnotationsRecord,
  annotationsRecordSchema,
  type BuildRecord,
  buildRecordSchema,
  type LedgerLine,
  ledgerLineSchema,
  type Manifest,
  manifestSchema,
  type PartEnd,
  type PartPlan,
  partEndSchema,
  partPlanSchema,
  type RangePlan,
  recordVersion,
} from "../src/records.ts";

/**
 * Records of a made-up dataset, for the tests of every package: a test names what it is about, the rest is as below.
 * Each is read by its schema, so a fixture is a record that a build could have written.
 */
const version = recordVersion;
const writtenAt = "2025-01-01T00:00:00.000Z";

export const toyHash = "a".repeat(64);
const toyToolchain = { shardmill: "0", decoder: "0", sharp: "0", libvips: "0" };

type Over<Schema extends z.ZodType> = Partial<z.input<Schema>>;

export function aDataset(over: Over<typeof datasetSchema> = {}): Dataset {
  return datasetSchema.parse({
    name: "toy",
    title: "Toy",
    keyPrefix: "toy",
    sourceName: "toy",
    license: "CC-BY-4.0",
    source: { kind: "folder" },
    parts: [{ archive: "zip", path: "toy{part}.zip" }],
    media: "video",
    annotations: { kind: "none" },
    text: { adapter: "caption" },
    ...over,
  });
}

/** A part as a build's record lists it. */
export function aListedPart(over: Partial<BuildRecord["parts"][number]> = {}): BuildRecord["parts"][number] {
  return {
    subset: null,
    part: 0,
    archive: "zip",
    pieces: [],
    absent: null,
    revision: null,
    now: null,
    ...over,
  };
}

export function aBuildRecord(over: Over<typeof buildRecordSchema> = {}): BuildRecord {
  return buildRecordSchema.parse({
    version,
    build: "b1",
    dataset: aDataset(),
    source: { kind: "folder", name: "folder:toy", revision: null, location: "/mirror" },
    recipe: defaultRecipe,
    recipeHash: toyHash,
    annotationFiles: [],
    toolchain: toyToolchain,
    createdAt: writtenAt,
    parts: [],
    selected: [],
    asked: { everything: true, parts: [] },
    remarks: [],
    ...over,
  });
}

/** Of a plan: two members, unless it is told otherwise. */
export function aRange(over: Partial<RangePlan> = {}): RangePlan {
  const { range = 0 } = over;
  return {
    range,
    shard: `toy-p0000-${String(range).padStart(4, "0")}`,
    first: 0,
    last: 1,
    members: 2,
    startByte: 0,
    endByte: 9,
    digest: null,
    ...over,
  };
}

export function aPlan(over: Over<typeof partPlanSchema> = {}): PartPlan {
  return partPlanSchema.parse({
    version,
    dataset: "toy",
    subset: null,
    part: 0,
    archive: "zip",
    pieces: [],
    contentId: toyHash,
    annotationsId: toyHash,
    recipeHash: toyHash,
    open: false,
    members: 0,
    leftOut: noCounts,
    annotationsUsed: null,
    ranges: [],
    remarks: [],
    revision: null,
    annotationFiles: null,
    ...over,
  });
}

/** Of a range that packed nothing, and so has no tar, unless it is told otherwise. */
export function aManifest(over: Over<typeof manifestSchema> = {}): Manifest {
  return manifestSchema.parse({
    version,
    shard: "toy-p0000-0000",
    dataset: "toy",
    subset: null,
    part: 0,
    range: 0,
    supplement: null,
    first: 0,
    last: 0,
    contentId: toyHash,
    annotationsId: toyHash,
    recipeHash: toyHash,
    rangeDigest: null,
    tar: null,
    samples: 0,
    frames: 0,
    firstKey: null,
    lastKey: null,
    counts: noCounts,
    supersedes: null,
    annotationsUsed: 0,
    remarks: [],
    toolchain: toyToolchain,
    made: {
      source: "folder:toy",
      revision: null,
      worker: "w",
      committedAt: writtenAt,
      seconds: 1,
      bytesRead: 1,
      retriedClips: 0,
    },
    ...over,
  });
}

/** A member that was packed, unless it is told otherwise. */
export function aLedgerLine(over: Over<typeof ledgerLineSchema> = {}): LedgerLine {
  const { position = 0 } = over;
  return ledgerLineSchema.parse({
    position,
    member: `clip${position}.mp4`,
    outcome: "packed",
    key: `toy-p0000-${String(position).padStart(6, "0")}`,
    code: null,
    detail: null,
    attempt: 1,
    frames: 2,
    ...over,
  });
}

/** The line of a member that was left out for this reason. */
export function aLeftOutLine(over: Over<typeof ledgerLineSchema> = {}): LedgerLine {
  return aLedgerLine({ outcome: "skipped", key: null, code: "no_annotation", frames: null, ...over });
}

export function aPartEnd(over: Over<typeof partEndSchema> = {}): PartEnd {
  return partEndSchema.parse({
    version,
    subset: null,
    part: 0,
    state: "done",
    code: null,
    detail: null,
    endedAt: writtenAt,
    build: "b1",
    ...over,
  });
}

export function anAnnotationsRecord(over: Over<typeof annotationsRecordSchema> = {}): AnnotationsRecord {
  return annotationsRecordSchema.parse({
    version,
    subset: null,
    id: toyHash,
    count: 5,
    duplicates: 0,
    remarks: [],
    ...over,
  });
}
