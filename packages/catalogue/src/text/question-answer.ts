import type { AnnotationRecord, Dataset, Turn } from "@shardmill/core";
import { withoutMediaTokens } from "./media-token.ts";
import { textValue } from "./text-value.ts";
import { conversationText, invalidText, noText, type TextResult, textFound } from "./turns.ts";

/** Two columns, a question and its answer; each record is a turn. Records that lack either are left out. */
export function questionAnswerText(rule: Dataset["text"], records: readonly AnnotationRecord[]): TextResult {
  const question = rule.question ?? "question";
  const answer = rule.answer ?? "answer";
  const turns: Turn[] = [];
  for (const record of records) {
    const user = textValue(record, question);
    const assistant = textValue(record, answer);
    for (const value of [user, assistant]) if (value.kind === "invalid") return invalidText(value.detail);
    if (user.kind === "text" && assistant.kind === "text")
      turns.push({ user: withoutMediaTokens(user.text), assistant: assistant.text });
  }
  if (turns.length === 0) return noText(`no record has both ${question} and ${answer}`);
  return textFound(conversationText(turns));
}
