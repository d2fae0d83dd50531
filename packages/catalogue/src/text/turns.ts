import { type Rejection, reject, type SampleText, type Turn } from "@shardmill/core";

/** What an adapter makes of a sample's records. */
export type TextResult =
  | { readonly kind: "ok"; readonly text: SampleText }
  | { readonly kind: "rejected"; readonly rejection: Rejection };

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
