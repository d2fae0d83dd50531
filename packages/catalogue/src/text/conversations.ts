import type { AnnotationRecord, Dataset, Turn } from "@shardmill/core";
import { conversationTurns } from "./conversation-turns.ts";
import { conversationText, invalidText, noText, type TextResult, textFound } from "./turns.ts";

/** Message lists (LLaVA's from/value, or role/content). The turns of all records, in the records' order. */
export function conversationsText(rule: Dataset["text"], records: readonly AnnotationRecord[]): TextResult {
  const turns: Turn[] = [];
  for (const record of records) {
    const result = conversationTurns(record, rule.conversations ?? "conversations");
    if (result.kind === "invalid") return invalidText(result.detail);
    turns.push(...result.turns);
  }
  if (turns.length === 0) return noText("the record's conversation holds no answer");
  return textFound(conversationText(turns));
}
