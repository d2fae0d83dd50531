import type { AnnotationRecord, Dataset } from "@shardmill/core";
import { noText, type TextResult, textFound, textOf } from "./turns.ts";

/** A column that holds a caption. The first record that has one counts; a blank caption is none. */
export function captionText(rule: Dataset["text"], records: readonly AnnotationRecord[]): TextResult {
  const field = rule.caption ?? "caption";
  for (const record of records) {
    const caption = textOf(record, field);
    if (caption !== null) return textFound({ caption, user: null, assistant: null, conversations: null });
  }
  return noText(`the record's ${field} is empty`);
}
