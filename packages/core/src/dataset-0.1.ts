import { z } from "zod";
import type { Dataset } from "./dataset.ts";

/**
 * A catalogue entry as version 0.1 wrote it into build.json, read as one of today. Frozen: what 0.1 wrote does not change
 * any more. It was checked against 0.1's own rules before it was written, so that only its shape is stated here.
 */
const words = z.record(z.string(), z.unknown());
const tableFormat = z.enum(["csv", "json", "jsonl", "parquet"]);

const source = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("hub"), repo: z.string(), revision: z.string() }),
  z.object({ kind: z.literal("http"), base: z.string(), files: z.array(z.string()) }),
  z.object({ kind: z.literal("folder") }),
]);

const part = z.object({
  archive: z.enum(["zip", "tar", "tar.gz", "parquet", "images", "urls"]),
  path: z.string(),
  pieces: z.string().optional(),
  numbers: z.string().optional(),
  subsets: z.array(z.string()).optional(),
});

const annotations = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("files"),
    files: z.array(
      z.object({ path: z.string(), format: tableFormat, set: z.string(), optional: z.boolean() }),
    ),
    key: z.string(),
    match: z.array(z.enum(["exact", "without-subset", "basename", "stem"])),
    duplicates: z.enum(["first", "all"]),
    required: z.array(z.string()),
  }),
  z.object({ kind: z.literal("inline"), images: z.string() }),
  z.object({
    kind: z.literal("links"),
    format: tableFormat,
    url: z.string(),
    id: z.string().optional(),
  }),
  z.object({ kind: z.literal("none") }),
]);

const text = z.object({
  adapter: z.enum([
    "caption",
    "question-answer",
    "multiple-choice",
    "conversations",
    "cauldron",
    "llava-video",
  ]),
  caption: z.string().optional(),
  question: z.string().optional(),
  answer: z.string().optional(),
  options: z.string().optional(),
  conversations: z.string().optional(),
});

const provenance = z.object({
  prefix: z.string(),
  upstream: z.string(),
  hosting: z.enum(["hosted", "external", "mixed"]),
  remedy: z.string(),
});

const expected = z.object({
  parts: z.number().optional(),
  splitParts: z.number().optional(),
  annotations: z.number().optional(),
  membersPerPart: z.number().optional(),
  annotatedShare: z.number(),
  bytesPerSample: z.number(),
  subsetSamples: z.record(z.string(), z.number()).optional(),
});

export const dataset01Schema = z
  .object({
    name: z.string(),
    title: z.string(),
    description: z.string(),
    keyPrefix: z.string(),
    sourceName: z.string(),
    homepage: z.string().optional(),
    license: z.string(),
    licenseNote: z.string(),
    citation: z.string(),
    bibtex: z.string(),
    source,
    parts: z.array(part),
    media: z.enum(["video", "images"]),
    annotations,
    text,
    fetch: z.object({ perHost: z.number(), atOnce: z.number(), timeoutS: z.number() }),
    fields: z.record(z.string(), z.object({ from: z.string(), type: z.enum(["string", "int", "float"]) })),
    recipe: words,
    maxFailureShare: z.number(),
    expected,
    provenance: z.array(provenance),
    presets: z.record(z.string(), z.array(z.string())),
  })
  .transform(
    (dataset): Dataset => ({
      ...dataset,
      ...{ subsetNames: {}, subsetTerms: {}, odd: [], purpose: "train", group: [] },
      terms: { commercial: "unknown", redistribution: "unknown", requires: [] },
    }),
  );
