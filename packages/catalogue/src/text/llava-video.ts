import type { AnnotationRecord, Dataset, Turn } from "@shardmill/core";
import { conversationTurns } from "./conversation-turns.ts";
import { conversationText, invalidText, noText, type TextResult, textFound } from "./turns.ts";

/**
 * LLaVA-Video's three files speak of the same videos: the answer of a record of the set `caption` is the caption, all
 * other records are conversations. At some revisions a file held the content of another, so that a
 * record of the caption file that is no single description counts as a conversation.
 */
export function llavaVideoText(rule: Dataset["text"], records: readonly AnnotationRecord[]): TextResult {
  const field = rule.conversations ?? "conversations";
  let caption: string | null = null;
  const turns: Turn[] = [];
  for (const record of records) {
    const result = conversationTurns(record, field);
    if (result.kind === "invalid") return invalidText(result.detail);
    const only = record.set === "caption" ? singleDescription(result.turns) : null;
    if (only === null) turns.push(...result.turns);
    else caption ??= only;
  }
  if (caption === null && turns.length === 0) return noText("no record of this video holds a text");
  return textFound(conversationText(turns, caption));
}

function singleDescription(turns: readonly Turn[]): string | null {
  const [first, second] = turns;
  if (first === undefined || second !== undefined) return null;
  const hasOptions = /^\(?A[.)]\s/m.test(first.user) && /^\(?B[.)]\s/m.test(first.user);
  return hasOptions ? null : first.assistant;
}
