import { type AnnotationRecord, type Rejection, reject, type SampleText, type Turn } from "@shardmill/core";

/** What an adapter makes of a sample's records. */
export type TextResult =
  | { readonly kind: "ok"; readonly text: SampleText }
  | { readonly kind: "rejected"; readonly rejection: Rejection };

/** A text of a record, or null where it has none: absent, null and blank are the same. */
export function textOf(record: AnnotationRecord, field: string): string | null {
  const value = record.fields[field];
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

/** All turns as `conversations` and the first one as `user` and `assistant`. */
export function conversationText(turns: readonly Turn[], caption: string | null = null): SampleText {
  const first = turns[0];
  return {
    caption,
    user: first?.user ?? null,
    assistant: first?.assistant ?? null,
    conversations: first === undefined ? null : turns,
  };
}

export function textFound(text: SampleText): TextResult {
  return { kind: "ok", text };
}

export function noText(detail: string): TextResult {
  return { kind: "rejected", rejection: reject("no_annotation", detail) };
}

export function invalidText(detail: string): TextResult {
  return { kind: "rejected", rejection: reject("annotation_invalid", detail) };
}
