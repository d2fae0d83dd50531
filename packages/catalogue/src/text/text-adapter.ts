import {
  type AnnotationRecord,
  columnOf,
  type Dataset,
  type Message,
  type Rejection,
  type Role,
  reject,
  type SampleText,
  turnsOf,
} from "@shardmill/core";
import { withoutMediaTokens } from "./media-token.ts";
import { wholeCharacters } from "./text-value.ts";

/** The catalogue's `text`: which adapter, and what the columns that it reads are called. */
export type TextRule = Dataset["text"];
export type AdapterName = TextRule["adapter"];
export const textFields = [
  "caption",
  "question",
  "options",
  "answer",
  "conversations",
  "prompt",
  "chosen",
  "rejected",
] as const;
type TextField = Exclude<keyof TextRule, "adapter"> & (typeof textFields)[number];

/** Keys of the sample's JSON that are text. */
export type TextKey =
  | "caption"
  | "caption_from"
  | "user"
  | "assistant"
  | "conversations"
  | "chosen_assistant"
  | "rejected_assistant"
  | "prompt";

/** How the records of a sample become its text. */
export interface TextAdapter {
  /** The settings of the catalogue's `text` that it looks at, each with the column that it reads without one. */
  readonly fields: Readonly<Partial<Record<TextField, string>>>;
  /** Of these fields, those whose column need not be there unless the catalogue names it. */
  readonly optional?: readonly TextField[];
  /** Of these fields, those that records may be without and have a text all the same, so that nothing is refused but told. */
  readonly lackable?: readonly TextField[];
  readonly writesKeys: readonly TextKey[];
  textOf(records: readonly AnnotationRecord[], rule: TextRule): TextResult;
}

export type TextResult =
  | { readonly kind: "ok"; readonly text: SampleText }
  | { readonly kind: "rejected"; readonly rejection: Rejection };

export const captionKeys: readonly TextKey[] = ["caption", "caption_from"];
export const conversationKeys: readonly TextKey[] = [...captionKeys, "user", "assistant", "conversations"];
export const pairKeys: readonly TextKey[] = [
  ...captionKeys,
  "user",
  "chosen_assistant",
  "rejected_assistant",
  "prompt",
];

/**
 * The columns that an adapter reads, under the catalogue's names or its own; `required`: those that must be there;
 * `lackable`: those that may be lacking, which is told.
 */
export function textColumns(
  { fields, optional = [], lackable = [] }: Pick<TextAdapter, "fields" | "optional" | "lackable">,
  rule: TextRule,
): Readonly<Record<"all" | "required" | "lackable", string[]>> {
  const columns = (isWanted: (field: TextField) => boolean): string[] =>
    textFields.flatMap((field) => {
      const own = fields[field];
      return own === undefined || !isWanted(field) ? [] : [columnOf(rule[field] ?? own)];
    });
  const isLackable = (field: TextField): boolean => lackable.includes(field);
  return {
    all: columns(() => true),
    required: columns(
      (field) => !isLackable(field) && (rule[field] !== undefined || !optional.includes(field)),
    ),
    lackable: columns(isLackable),
  };
}

/** Every message of every adapter is made here: of whole characters, and without media tokens, since the sample holds the media itself. */
export function message(role: Role, text: string): Message {
  return { role, text: withoutMediaTokens(wholeCharacters(text)) };
}

/** Without a caption or an answer there is no sample: `lacking` says what was looked for. */
export function textFound(text: SampleText, lacking: string): TextResult {
  const conversations = text.conversations.filter((messages) => turnsOf(messages).length > 0);
  if (text.caption === null && conversations.length === 0)
    return { kind: "rejected", rejection: reject("no_annotation", lacking) };
  return { kind: "ok", text: { ...text, conversations } };
}

export function invalidText(detail: string): TextResult {
  return { kind: "rejected", rejection: reject("annotation_invalid", detail) };
}
