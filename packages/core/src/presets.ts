import { z } from "zod";
import { nameHint, namePattern } from "./part-words.ts";

const name = z.string().regex(namePattern, nameHint);

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
  repo: z.string().regex(/^[\w.-]+\/[\w.-]+$/, "expected owner/name"),
  revision: z.string().default("main"),
  /** The files that are read, with their sha256: one, or each of those that one content is known under. */
  files: z.strictObject({
    "tokenizer.json": fileHashes,
    "tokenizer_config.json": fileHashes.optional(),
    "chat_template.jinja": fileHashes.optional(),
  }),
});

export type TokenizerEntry = z.output<typeof tokenizerEntrySchema>;
