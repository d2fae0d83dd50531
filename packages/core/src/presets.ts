import { z } from "zod";
import { nameHint, namePattern } from "./part-words.ts";

const name = z.string().regex(namePattern, nameHint);

const repoPattern = /^[\w.-]+\/[\w.-]+$/;
const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, "expected a sha256 in hex");
const fileHashes = z.union([sha256Schema.transform((hash) => [hash]), z.array(sha256Schema).min(1)]);

/** config/recipes/<name>.yaml: settings under a name. */
export const namedRecipeSchema = z.strictObject({
  title: z.string().min(1),
  recipe: z.record(z.string(), z.unknown()),
});

export type NamedRecipe = z.output<typeof namedRecipeSchema> & { readonly name: string };

/** config/tokenizers/<name>.yaml: where a tokenizer's files are, and which they are. */
export const tokenizerEntrySchema = z.strictObject({
  name,
  title: z.string().min(1),
  license: z.string().min(1),
  repo: z.string().regex(repoPattern, "expected owner/name"),
  revision: z.string().default("main"),
  /** The files that are read, with their sha256: one, or each of those that one content is known under. */
  files: z.strictObject({
    "tokenizer.json": fileHashes,
    "tokenizer_config.json": fileHashes.optional(),
    "chat_template.jinja": fileHashes.optional(),
  }),
});

export type TokenizerEntry = z.output<typeof tokenizerEntrySchema>;

/** config/models/<name>.yaml: a model of the Hub that can be fetched, and what may be done with it. */
export const modelEntrySchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9]+([.-][a-z0-9]+)*$/, "expected lower-case letters, digits, hyphens and dots"),
  title: z.string().min(1),
  /** What it is for, in a few words. */
  purpose: z.string().min(1),
  repo: z.string().regex(repoPattern, "expected owner/name"),
  revision: z.string().default("main"),
  license: z.string().min(1),
  terms: z.strictObject({
    commercial: z.enum(["yes", "no", "unknown"]),
    redistribution: z.enum(["yes", "no", "unknown"]),
  }),
  /** About what the wanted files take. */
  bytes: z.int().positive(),
  /** Patterns of the wanted files, where the repository holds more: `*` within a folder, `**` across them. */
  files: z
    .array(z.string().regex(/^[^{}]+$/, "expected a pattern of * and ** alone"))
    .min(1)
    .optional(),
  description: z.string().default(""),
  citation: z.string().default(""),
  bibtex: z.string().default(""),
});

export type ModelEntry = z.output<typeof modelEntrySchema>;

/** config/architectures/<name>.yaml: a model that is cited, and not fetched. */
export const architectureSchema = modelEntrySchema.omit({ revision: true, bytes: true, files: true });

export type Architecture = z.output<typeof architectureSchema>;
