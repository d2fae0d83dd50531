import { z } from "zod";
import type { WordRule } from "./word-memory.ts";

const byteLevel = z.looseObject({
  type: z.literal("ByteLevel"),
  add_prefix_space: z.literal(false),
  use_regex: z.literal(true).default(true),
});
const digits = z.looseObject({ type: z.literal("Digits"), individual_digits: z.literal(true) });

const anyWords = z.looseObject({
  normalizer: z.null().optional(),
  added_tokens: z
    .array(
      z.looseObject({
        special: z.boolean(),
        normalized: z.boolean(),
        single_word: z.literal(false),
        lstrip: z.literal(false),
        rstrip: z.literal(false),
      }),
    )
    .default([]),
  model: z.looseObject({ type: z.literal("BPE") }),
});

/** The rule of a tokenizer of the two forms that are known here, GPT-2's and the same with its digits apart. Null of any other. */
export function wordRuleOf(tokenizer: { readonly pre_tokenizer?: unknown }): WordRule | null {
  if (!anyWords.safeParse(tokenizer).success) return null;
  const { pre_tokenizer } = tokenizer;
  if (byteLevel.safeParse(pre_tokenizer).success) return "byte-level";
  const both = z.looseObject({ type: z.literal("Sequence"), pretokenizers: z.tuple([digits, byteLevel]) });
  return both.safeParse(pre_tokenizer).success ? "digits, byte-level" : null;
}
