import { z } from "zod";
import { furtherSourceSchema, sourceSchema } from "./dataset-sources.ts";
import { groupSchema } from "./group.ts";
import { nameForm } from "./name-form.ts";
import { subsetWord } from "./names.ts";
import { nameHint, namePattern } from "./part-words.ts";

/** A catalogue entry: config/datasets/<name>.yaml. Docs: docs/datasets.md. */

const name = z.string().regex(namePattern, nameHint);

const numbersSchema = z
  .string()
  .regex(/^\d+(-\d+)?(,\d+(-\d+)?)*$/, "expected numbers such as 0-185 or 1,3,5-7");

export const archiveKinds = ["zip", "tar", "tar.gz", "parquet", "images", "urls", "table"] as const;
export type ArchiveKind = (typeof archiveKinds)[number];

/** What a sample shows: a clip, pictures, nothing (text alone), or pictures under a pair of answers. What depends on it is a switch. */
export const mediaKinds = ["video", "images", "none", "pair"] as const;
export type MediaKind = (typeof mediaKinds)[number];

/**
 * How parts are found in a listing. In a pattern `{part}` is the number, `{subset}` a folder or word,
 * `{piece}` the letters of `split -b` (aa, ab, ...) or a number (001, 002, ...), `{of}` and `{hash}` the rest of a parquet series' name.
 */
const partRuleSchema = z.strictObject({
  archive: z.enum(archiveKinds),
  path: z.string().min(1),
  pieces: z
    .string()
    .regex(/\{piece\}/, "expected {piece} in the pattern")
    .optional(),
  /** Numbers that should exist (per subset): one without a file is `absent`. */
  numbers: numbersSchema.optional(),
  /** Subsets this rule speaks of; without it, whatever the listing has. */
  subsets: z.array(z.string()).optional(),
  /** Of which subset they are, where the path does not say. */
  subset: z.string().min(1).optional(),
  /** Subsets that the source had once and has no more, and why: their parts are `absent`. */
  withdrawn: z.record(z.string().min(1), z.string().min(1)).optional(),
  /** Where its files are, if not in the dataset's own source. */
  source: furtherSourceSchema.optional(),
});

const tableFormatSchema = z.enum(["csv", "json", "jsonl", "parquet"]);
export type TableFormat = z.output<typeof tableFormatSchema>;

// `coco`: one JSON object with the lists `images` and `annotations`; a record is an annotation with its image's fields. `texts`: a
// zip of texts, each a field, called like the file's set, of the records on the media that it is named like.
export const recordFormats = [...tableFormatSchema.options, "coco", "texts"] as const;
export type RecordFormat = (typeof recordFormats)[number];

const annotationFileSchema = z.strictObject({
  /** Pattern; may hold {subset}. */
  path: z.string().min(1),
  format: z.enum(recordFormats),
  /** A name for the records of this file, told to the text adapter: caption, oe, mc, ... */
  set: z.string().default("records"),
  /** The subsets whose parts it speaks of, where its path does not say. */
  subsets: z.array(z.string()).min(1).optional(),
  optional: z.boolean().default(false),
});

/** Records of a file that may be unreadable; by default one in a hundred, and ten of any file. */
const maxBadRecordsSchema = z.int().nonnegative().optional();

const annotationsSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("files"),
    files: z.array(annotationFileSchema).min(1),
    /** Where the files are, if not beside the media. */
    source: furtherSourceSchema.optional(),
    /** Field of a record that names its media. */
    key: z.string().min(1),
    /** Tried in this order; the first that matches exactly one media counts. */
    match: z
      .array(z.enum(["exact", "without-subset", "with-subset", "basename", "stem"]))
      .min(1)
      .default(["basename"]),
    /** Does several records for one media mean several annotations (conversations), or a mistake (captions)? */
    duplicates: z.enum(["first", "all"]).default("first"),
    /** CSV columns or JSON fields that must exist. */
    required: z.array(z.string()).default([]),
    maxBadRecords: maxBadRecordsSchema,
  }),
  /** The record is in the member itself (a parquet row), with its pictures or its clip unless there are none. */
  z.strictObject({
    kind: z.literal("inline"),
    images: z.string().min(1).optional(),
    video: z.string().min(1).optional(),
  }),
  /** The record lies beside its media, `x.mp4` + `x.txt`, in a folder or tar; its fields are the endings, `folder` and `key`. */
  z.strictObject({ kind: z.literal("beside") }),
  /** The record is a row of a table, and all there is of its sample. */
  z.strictObject({
    kind: z.literal("rows"),
    format: tableFormatSchema,
    /** The column that names a row; without it, its number. */
    id: z.string().min(1).optional(),
    maxBadRecords: maxBadRecordsSchema,
  }),
  /** The record is a row of a URL list, beside the address of its media. */
  z.strictObject({
    kind: z.literal("links"),
    format: tableFormatSchema,
    /** The column that holds the address. */
    url: z.string().min(1),
    /** The column that names the media; without it a row is known by its number. */
    id: z.string().min(1).optional(),
    maxBadRecords: maxBadRecordsSchema,
  }),
  z.strictObject({ kind: z.literal("none") }),
]);

/** Record -> text. Each adapter is a small pure function in packages/catalogue. */
const textSchema = z.strictObject({
  adapter: z.enum([
    "caption",
    "question-answer",
    "multiple-choice",
    "conversations",
    "cauldron",
    "llava-video",
    "preference",
  ]),
  /** Which field of a record is what, for the generic adapters. */
  caption: z.string().optional(),
  question: z.string().optional(),
  answer: z.string().optional(),
  options: z.string().optional(),
  conversations: z.string().optional(),
  prompt: z.string().optional(),
  chosen: z.string().optional(),
  rejected: z.string().optional(),
});

/** A further field of the sample's JSON, copied from the record; null where empty. */
const fieldSchema = z.strictObject({ from: z.string(), type: z.enum(["string", "int", "float"]) });

/** Where a record says which stretch of its clip it speaks of: each such record is a sample of its own. */
const boundsSchema = z.strictObject({ start: z.string().min(1), end: z.string().min(1) });

/**
 * Folders of pictures are clips: how many pictures are a second's, where that is known. Without it nothing is known of their times.
 */
const framesSchema = z.strictObject({ fps: z.number().positive().max(240).optional() });

/** How the links of a URL list are fetched. Changes no sample, so it is no part of the recipe. */
const fetchSchema = z.strictObject({
  /** Links under way at once in one process: of one host, and of all. */
  perHost: z.int().min(1).max(64).default(4),
  atOnce: z.int().min(1).max(256).default(16),
  /** For one link, from its name to its last byte. */
  timeoutS: z.number().positive().max(3600).default(60),
});

const provenanceSchema = z.strictObject({
  prefix: z.string().min(1),
  upstream: z.string().min(1),
  hosting: z.enum(["hosted", "external", "mixed"]),
  remedy: z.string().default(""),
});

const expectedSchema = z.strictObject({
  parts: z.int().nonnegative().optional(),
  splitParts: z.int().nonnegative().optional(),
  annotations: z.int().nonnegative().optional(),
  membersPerPart: z.int().positive().optional(), // of a part of about this size:
  partBytes: z.int().positive().optional(),
  /** Of the members of a part, the share that has an annotation. */
  annotatedShare: z.number().min(0).max(1).default(1),
  /** Mean bytes of one sample in a shard. */
  bytesPerSample: z.int().positive().default(200_000),
  subsetSamples: z.record(z.string(), z.int().nonnegative()).optional(),
});

const knownSchema = z.enum(["yes", "no", "unknown"]).default("unknown");

/** What may be done with a dataset or a subset. Unknown never counts as yes. */
const termsSchema = z.strictObject({
  /** Of a subset; the dataset's own stands beside. */
  license: z.string().min(1).optional(),
  commercial: knownSchema,
  redistribution: knownSchema,
  requires: z.array(z.string().min(1)).default([]),
  url: z.url({ protocol: /^https?$/ }).optional(),
});
export type Terms = z.output<typeof termsSchema>;

/** What a user knows of a dataset's terms: only what is said counts. */
export const ownTermsSchema = z.strictObject({
  license: z.string().min(1).optional(),
  commercial: z.enum(["yes", "no", "unknown"]).optional(),
  redistribution: z.enum(["yes", "no", "unknown"]).optional(),
  requires: z.array(z.string().min(1)).optional(),
  url: z.url({ protocol: /^https?$/ }).optional(),
  subsets: z.record(z.string().min(1), termsSchema).default({}),
});
export type OwnTerms = z.output<typeof ownTermsSchema>;

const subsetNameHint = "expected lower-case letters and digits, with single hyphens or underscores between";

export const datasetSchema = z.strictObject({
  name,
  title: z.string().min(1),
  description: z.string().default(""),
  /** First word of every key. */
  keyPrefix: name,
  /** The sample's `source`; may hold {subset}, and {set}, the set of its record. */
  sourceName: z.string().min(1),
  homepage: z.url({ protocol: /^https?$/ }).optional(),
  license: z.string().min(1),
  licenseNote: z.string().default(""),
  terms: termsSchema.prefault({}),
  /** By the subset's name: what its own card says. */
  subsetTerms: z.record(z.string().min(1), termsSchema).default({}),
  /** What the dataset is for: none that is for evaluation is trained on. */
  purpose: z.enum(["train", "eval"]).default("train"),
  citation: z.string().default(""),
  bibtex: z.string().default(""),
  source: sourceSchema,
  parts: z.array(partRuleSchema).min(1),
  media: z.enum(mediaKinds),
  annotations: annotationsSchema,
  text: textSchema,
  bounds: boundsSchema.optional(),
  frames: framesSchema.optional(),
  fetch: fetchSchema.prefault({}),
  fields: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), fieldSchema).default({}),
  recipe: z.record(z.string(), z.unknown()).default({}),
  /** What of a member's name says which original it comes of. Changes no sample. */
  group: groupSchema.default([]),
  maxFailureShare: z.number().min(0).max(1).default(0.2),
  expected: expectedSchema.prefault({}),
  provenance: z.array(provenanceSchema).default([]),
  /** What is known to be odd about it. */
  odd: z.array(z.string().min(1)).default([]),
  /** Subsets under a name of the catalogue's own, by the source's name: for two that would have the same keys. */
  subsetNames: z
    .record(
      z.string().min(1),
      z
        .string()
        .regex(/^[a-z0-9]+([_-][a-z0-9]+)*$/, subsetNameHint)
        .max(40),
    )
    .default({}),
  /** Named choices of subsets: `--preset youtube`. */
  presets: z.record(name, z.array(z.string())).default({}),
});

export type Dataset = z.output<typeof datasetSchema>;
export type PartRule = Dataset["parts"][number];

/** The dataset under an output's own name: of folders, shards and records. Its samples' keys stay as they are. */
export function asOutput(dataset: Dataset, output: string): Dataset {
  return { ...dataset, name: output };
}

/** Every catalogue field that ends up in samples: part of the recipe's hash. */
export function writtenCatalogueFields(dataset: Dataset): Record<string, unknown> {
  const { name, keyPrefix, sourceName, license, text, fields, media, bounds, frames } = dataset;
  return { name, keyPrefix, sourceName, license, text, fields, media, bounds, frames };
}

/** `set`: that of the sample's record. */
export function sourceNameOf(dataset: Dataset, subset: string | null, set = ""): string {
  return dataset.sourceName
    .replaceAll("{subset}", subset === null ? "" : subsetWord(subset))
    .replaceAll("{set}", set);
}

/** What may be done with a subset's samples: as its own card says, else as the dataset's. */
export function termsOf(
  dataset: Pick<Dataset, "license" | "terms" | "subsetTerms">,
  subset: string | null,
): Terms & { readonly license: string } {
  const own = subset === null ? undefined : ownTerms(dataset, subset);
  const { license } = dataset;
  return own === undefined ? { ...dataset.terms, license } : { ...own, license: own.license ?? license };
}

function ownTerms({ subsetTerms }: Pick<Dataset, "subsetTerms">, subset: string): Terms | undefined {
  return Object.entries(subsetTerms).find(([name]) => nameForm(name) === nameForm(subset))?.[1];
}

/** What a subset is called in this project: the catalogue's own name for it, else the source's, in the one spelling. */
export function subsetNameOf(dataset: Pick<Dataset, "subsetNames">, source: string): string {
  const form = nameForm(source);
  const own = Object.entries(dataset.subsetNames);
  const found = own.find(([name]) => name === source) ?? own.find(([name]) => nameForm(name) === form);
  return found?.[1] ?? form;
}

/** The other way: what the source calls it. */
export function sourceSubsetOf(dataset: Pick<Dataset, "subsetNames">, subset: string): string {
  const found = Object.entries(dataset.subsetNames).find(([, name]) => name === subset);
  return found === undefined ? subset : nameForm(found[0]);
}
