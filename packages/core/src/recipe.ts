import { z } from "zod";
import { hashOf } from "./canonical-json.ts";
import { layoutSchema } from "./layout.ts";
import { whereSchema } from "./where.ts";

/**
 * The form of the text in a sample: as it is read (raw), or as what a model is trained on (tokens). What only tokens go by is no
 * part of a raw recipe, so that it changes nothing there.
 */
const textSchema = z
  .strictObject({
    format: z.enum(["raw", "tokens"]).default("raw"),
    /** An entry of config/tokenizers, or a folder with a tokenizer's files. */
    tokenizer: z.string().min(1).default("smollm2"),
    /** What stands before every conversation whose record has no system message of its own; null: nothing. */
    system: z.string().nullable().default(null),
    /** Asked where a record has no question; null: the answer stands alone. */
    prompt: z.string().nullable().default(null),
    /** answer: on what the assistant says; all: on every token. */
    loss: z.enum(["answer", "all"]).default("answer"),
    maxTokens: z.int().min(1).max(1_000_000).default(1024),
    /** Of a conversation with more tokens: cut on the right, or leave the sample out. */
    overflow: z.enum(["cut", "leave-out"]).default("cut"),
    /** Whether the texts stay in the JSON beside the tokens. */
    keepRaw: z.boolean().default(true),
  })
  .transform(({ format, ...tokens }) => (format === "raw" ? { format } : { format, ...tokens }));

/** `from-to` as two numbers, both inclusive; null: all rows. */
export function rowsAsked({
  rows,
}: Pick<Recipe, "rows">): { readonly first: number; readonly last: number } | null {
  if (rows === undefined) return null;
  const [first = "", last = ""] = rows.split("-");
  return { first: Number(first), last: Number(last) };
}

const rowsForm = "expected the first and the last row, such as 0-279999";

const rowsSchema = z
  // A number is what `--set rows=5` gives.
  .string({ error: rowsForm })
  .regex(/^\d{1,15}-\d{1,15}$/, { error: rowsForm, abort: true })
  .refine((rows) => {
    const [first, last] = rows.split("-").map(Number);
    return (first ?? 0) <= (last ?? 0);
  }, "its first row is behind its last")
  .optional();

/**
 * The settings that decide a shard's bytes, and nothing else.
 * Whatever does not change bytes (workers, cache, bandwidth, retries) is no part of it.
 */
export const recipeSchema = z
  .strictObject({
    samplesPerShard: z.int().min(1).max(100_000).default(1000),
    fps: z.number().positive().max(60).default(1),
    maxFrames: z.int().min(1).max(999).default(64),
    /** Side of the square frame, pixels. */
    size: z.int().min(16).max(2048).default(224),
    fit: z.enum(["cover", "contain", "stretch"]).default("cover"),
    /** center: the last frame before (k + 0.5) / fps, as `fps=1` picks; start: the frame shown at k / fps. */
    align: z.enum(["center", "start"]).default("center"),
    /** What to do with more than maxFrames: the first ones, or evenly over the whole clip. */
    overflow: z.enum(["truncate", "uniform"]).default("truncate"),
    /** exact, or the named approximation that takes the nearest keyframe within half an interval. */
    sampling: z.enum(["exact", "keyframes"]).default("exact"),
    /** JPEG quality, 4:2:0; 90 matches ffmpeg's -q:v 2 on frames of this size. */
    quality: z.int().min(1).max(100).default(90),
    /** A clip that yields less than this share of its expected frames is left out; 0 keeps whatever is there. */
    minFrameShare: z.number().min(0).max(1).default(0.9),
    decoder: z.enum(["libav", "process"]).default("libav"),
    /** One media file with several records: one sample with all of them, or one sample each. */
    records: z.enum(["merge", "each"]).default("merge"),
    /** A sample's caption and turns: one sample with all of them, or one sample each, with the same pictures. */
    turns: z.enum(["together", "each"]).default("together"),
    /** What the members of a tar are. */
    media: z.enum(["auto", "video", "frames"]).default("auto"),
    text: textSchema.prefault({}),
    /** A picture for samples that have none, for readers that leave out a sample without one: a black square. */
    textPicture: z
      .enum(["none", "placeholder"])
      .transform((picture) => (picture === "placeholder" ? picture : undefined))
      .optional(),
    /** Of the rows of a dataset's (of each subset's) parquet files one after the other, these. */
    rows: rowsSchema,
    /** Samples that this is not so of are left out: conditions on their fields, and on what probing tells. */
    where: whereSchema,
    /** How the pictures of a sample lie in the shard. */
    layout: layoutSchema,
    /** A small build: of every part so many annotated members from its beginning, or this share of them. */
    only: z
      .strictObject({
        samples: z.int().min(1).optional(),
        share: z.number().gt(0).max(1).optional(),
      })
      .optional(),
    limits: z
      .strictObject({
        /** Largest member, bytes. */
        maxBytes: z.int().positive().default(2_147_483_648),
        /** Largest picture, width x height. */
        maxPixels: z.int().positive().default(134_217_728),
        maxDurationS: z.number().positive().default(14_400),
      })
      .prefault({}),
  })
  .readonly();

export type Recipe = z.output<typeof recipeSchema>;

export const defaultRecipe: Recipe = recipeSchema.parse({});

/**
 * Of the JSON and the keys that a recipe gives. 0.1 wrote another form under the same settings: with this in the hash its
 * shards are of another recipe, so that no output is half of one form and half of the other.
 */
const sampleForm = 2;

/** sha256 of a tokenizer's vocabulary and rules, and of its chat template. */
export interface TokenizerIdentity {
  readonly tokenizer: string;
  readonly template: string;
}

/**
 * Hash of the recipe together with every catalogue field that is written into samples. A tokenizer counts by what it is, not by
 * its name or the folder that it was read from; none where no tokens are made.
 */
export function recipeHash(
  recipe: Recipe,
  writtenCatalogueFields: Record<string, unknown>,
  tokenizer: TokenizerIdentity | null = null,
): string {
  const { text, textPicture } = recipe;
  const made = {
    text: text.format === "raw" ? text : { ...text, tokenizer },
    // It changes nothing where samples have pictures.
    textPicture: writtenCatalogueFields.media === "none" ? textPicture : undefined,
  };
  return hashOf({ form: sampleForm, recipe: { ...recipe, ...made }, catalogue: writtenCatalogueFields });
}

export type RecipeResult =
  | { readonly kind: "ok"; readonly recipe: Recipe }
  | { readonly kind: "invalid"; readonly problems: string[] };

/**
 * Defaults, then those of a named recipe, then the catalogue's, then the user's `--set key=value` pairs (the prefix `recipe.` is
 * optional).
 */
export function composeRecipe(
  fromCatalogue: Record<string, unknown>,
  settings: readonly string[],
  named: Record<string, unknown> = {},
): RecipeResult {
  const merged = merge(named, fromCatalogue);
  const problems: string[] = [];
  for (const setting of settings) {
    const equals = setting.indexOf("=");
    if (equals < 1) problems.push(`--set ${setting}: expected key=value`);
    else
      place(
        merged,
        setting
          .slice(0, equals)
          .replace(/^recipe\./, "")
          .split("."),
        scalar(setting.slice(equals + 1)),
      );
  }
  const parsed = recipeSchema.safeParse(merged);
  if (!parsed.success) problems.push(...parsed.error.issues.flatMap(problemsOfIssue));
  return problems.length === 0 && parsed.success
    ? { kind: "ok", recipe: parsed.data }
    : { kind: "invalid", problems };
}

/** Each setting that no recipe has is told by its own name. */
function problemsOfIssue(issue: z.core.$ZodIssue): string[] {
  const at = (path: readonly PropertyKey[], message: string): string =>
    `${["recipe", ...path.map(String)].join(".")}: ${message}`;
  if (issue.code !== "unrecognized_keys") return [at(issue.path, issue.message)];
  return issue.keys.map((key) => at([...issue.path, key], "no recipe has this setting"));
}

function place(target: Record<string, unknown>, path: string[], value: unknown): void {
  const [head = "", ...rest] = path;
  // Defined, not assigned: `__proto__` is a key like any other that nobody knows.
  const set = (what: unknown): void =>
    void Object.defineProperty(target, head, {
      value: what,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  if (rest.length === 0) {
    set(value);
    return;
  }
  const next = Object.hasOwn(target, head) ? target[head] : undefined;
  const child: Record<string, unknown> = typeof next === "object" && next !== null ? { ...next } : {};
  set(child);
  place(child, rest, value);
}

function merge(below: Record<string, unknown>, above: Record<string, unknown>): Record<string, unknown> {
  const merged = structuredClone(below);
  for (const [key, value] of Object.entries(above)) {
    const under = Object.hasOwn(merged, key) ? merged[key] : undefined;
    merged[key] = isRecord(under) && isRecord(value) ? merge(under, value) : structuredClone(value);
  }
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const words = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

function scalar(text: string): unknown {
  if (words.has(text)) return words.get(text);
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}
