import type { AnnotationRecord, Dataset, Turn } from "@shardmill/core";
import { withoutMediaTokens } from "./media-token.ts";
import { conversationText, noText, type TextResult, textFound, textOf } from "./turns.ts";

/** Two columns, a question and its answer; each record is a turn. Records that lack either are left out. */
export function questionAnswerText(rule: Dataset["text"], records: readonly AnnotationRecord[]): TextResult {
  const question = rule.question ?? "question";
  const answer = rule.answer ?? "answer";
  const turns: Turn[] = [];
  for (const record of records) {
    const user = textOf(record, question);
    const assistant = textOf(record, answer);
    if (user !== null && assistant !== null) turns.push({ user: withoutMediaTokens(user), assistant });
  }
  if (turns.length === 0) return noText(`no record has both ${question} and ${answer}`);
  return textFound(conversationText(turns));
}
