import { createHash } from "node:crypto";
import { Failure } from "@shardmill/core";
import { z } from "zod";
import type { WordRule } from "./word-memory.ts";
import { wordRuleOf } from "./word-rule.ts";

/** A tokenizer as the Hub has it, each file's text. */
export interface TokenizerFiles {
  /** For messages: its name in the catalogue, or the folder that was named. */
  readonly name: string;
  /** tokenizer.json, the format of Hugging Face's tokenizers library. */
  readonly tokenizer: string;
  /** tokenizer_config.json; null where there is none. */
  readonly config: string | null;
  /** chat_template.jinja, where the template lies in a file of its own. */
  readonly template: string | null;
}

/** A token that the text of a template stands for as a whole. */
export interface ControlToken {
  readonly id: number;
  readonly content: string;
  /** It takes the white space before it, or behind it, along. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
}

/** What is needed to make tokens of conversations; plain data, for threads. */
export interface TokenizerParts {
  readonly name: string;
  /** tokenizer.json without its added tokens, truncation and padding: in it no text is more than text. */
  readonly plain: string;
  /** The same for what follows a control token, where the tokenizer marks the beginning of a text; null of any other. */
  readonly plainBehind: string | null;
  /** tokenizer.json with its added tokens, without truncation and padding; null where words are encoded, each by itself. */
  readonly whole: string | null;
  readonly controls: readonly ControlToken[];
  /** How texts are cut into words that are encoded each by itself; null where that is not known here. */
  readonly wordRule: WordRule | null;
  readonly template: string;
  /** bos_token and the like, which templates may write. */
  readonly variables: Readonly<Record<string, string>>;
  /** sha256, hex: of tokenizer.json's bytes, and of the template with its variables. */
  readonly identity: { readonly tokenizer: string; readonly template: string };
}

const addedTokenSchema = z.looseObject({
  id: z.int().nonnegative(),
  content: z.string().min(1),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
});

const tokenizerSchema = z.looseObject({
  added_tokens: z.array(addedTokenSchema).default([]),
  pre_tokenizer: z.unknown().optional(),
  model: z.looseObject({ type: z.string().optional() }),
});

const tokenText = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish();
const named = z.array(z.looseObject({ name: z.string(), template: z.string() }));

const tokenNames = [
  ...(["bos_token", "eos_token", "unk_token", "pad_token"] as const),
  ...(["sep_token", "cls_token", "mask_token"] as const),
];

const configSchema = z.looseObject({
  chat_template: z.union([z.string(), named]).nullish(),
  bos_token: tokenText,
  eos_token: tokenText,
  unk_token: tokenText,
  pad_token: tokenText,
  sep_token: tokenText,
  cls_token: tokenText,
  mask_token: tokenText,
});

/** Reads what a repository says of its tokenizer. A Failure `tokenizer_invalid` names the file and what is wrong with it. */
export function readTokenizerFiles(files: TokenizerFiles): TokenizerParts {
  const tokenizer = parsed(files, "tokenizer.json", files.tokenizer, tokenizerSchema);
  const config =
    files.config === null ? {} : parsed(files, "tokenizer_config.json", files.config, configSchema);
  const template = files.template ?? templateOf(config.chat_template);
  if (template === null || template.trim() === "")
    throw invalid(
      files.name,
      "it has no chat template (chat_template in tokenizer_config.json, or chat_template.jinja)",
    );
  const variables = variablesOf(config);
  // Ours decides about lengths, dropout is for the training of a tokenizer, and special tokens come from the template.
  const off = { truncation: null, padding: null, post_processor: null };
  const whole = { ...tokenizer, ...off, model: { ...tokenizer.model, dropout: null } };
  const plain = { ...whole, added_tokens: [] };
  const behind = withoutFirstMark(plain.pre_tokenizer);
  const isMarked = JSON.stringify(behind) !== JSON.stringify(plain.pre_tokenizer);
  const wordRule = wordRuleOf(tokenizer);
  return {
    name: files.name,
    plain: JSON.stringify(plain),
    plainBehind: isMarked ? JSON.stringify({ ...plain, pre_tokenizer: behind }) : null,
    whole: wordRule === null ? JSON.stringify(whole) : null,
    controls: tokenizer.added_tokens.map(({ id, content, lstrip, rstrip }) => ({
      id,
      content,
      lstrip,
      rstrip,
    })),
    wordRule,
    template,
    variables,
    identity: {
      tokenizer: sha256(files.tokenizer),
      template: sha256(JSON.stringify([template, Object.entries(variables).sort()])),
    },
  };
}

export function invalid(name: string, what: string, cause?: unknown): Failure {
  return new Failure("tokenizer_invalid", `tokenizer ${name}: ${what}`, { cause });
}

function parsed<T extends z.ZodType>(
  { name }: TokenizerFiles,
  file: string,
  text: string,
  schema: T,
): z.output<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(name, `${file} is no JSON`, error);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(name, `${file}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not as expected"}`);
}

function templateOf(chat: string | z.output<typeof named> | null | undefined): string | null {
  if (typeof chat === "string") return chat;
  return chat?.find(({ name }) => name === "default")?.template ?? null;
}

function variablesOf(config: z.output<typeof configSchema>): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const name of tokenNames) {
    const token = config[name];
    if (token != null) variables[name] = typeof token === "string" ? token : token.content;
  }
  return variables;
}

/** Metaspace's scheme `first` marks what stands at the very beginning of a text, and nothing behind a control token. */
function withoutFirstMark(preTokenizer: unknown): unknown {
  if (typeof preTokenizer !== "object" || preTokenizer === null) return preTokenizer;
  const { type, prepend_scheme, pretokenizers }: Record<string, unknown> = { ...preTokenizer };
  if (type === "Metaspace" && prepend_scheme === "first") return { ...preTokenizer, prepend_scheme: "never" };
  return Array.isArray(pretokenizers)
    ? { ...preTokenizer, pretokenizers: pretokenizers.map(withoutFirstMark) }
    : preTokenizer;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
