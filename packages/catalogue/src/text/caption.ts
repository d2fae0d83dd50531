import type { AnnotationRecord, Dataset } from "@shardmill/core";
import { textValue } from "./text-value.ts";
import { invalidText, noText, type TextResult, textFound } from "./turns.ts";

/** A column that holds a caption. The first record that has one counts; a blank caption is none. */
export function captionText(rule: Dataset["text"], records: readonly AnnotationRecord[]): TextResult {
  const field = rule.caption ?? "caption";
  for (const record of records) {
    const value = textValue(record, field);
    if (value.kind === "invalid") return invalidText(value.detail);
    if (value.kind === "text")
      return textFound({ caption: value.text, user: null, assistant: null, conversations: null });
  }
  return noText(`the record's ${field} is empty`);
}
