import type { AnnotationRecord, Dataset, Turn } from "@shardmill/core";
import { kindOf } from "./text-value.ts";
import { conversationText, invalidText, noText, type TextResult, textFound } from "./turns.ts";

/** The Cauldron's `texts`: a list of `{user, assistant, source}`. Every turn is kept, not only the last. */
export function cauldronText(rule: Dataset["text"], records: readonly AnnotationRecord[]): TextResult {
  const field = rule.conversations ?? "texts";
  const turns: Turn[] = [];
  for (const record of records) {
    const list = record.fields[field];
    if (!Array.isArray(list))
      return invalidText(`expected a list of turns in ${field}, found ${kindOf(list)}`);
    for (const item of list) {
      const turn = turnOf(item);
      if (turn === null) return invalidText(`a turn of ${field} lacks its user or assistant text`);
      if (turn.assistant.trim() !== "") turns.push(turn);
    }
  }
  if (turns.length === 0) return noText(`${field} holds no answer`);
  return textFound(conversationText(turns));
}

function turnOf(item: unknown): Turn | null {
  if (typeof item !== "object" || item === null) return null;
  const { user, assistant }: { user?: unknown; assistant?: unknown } = item;
  return typeof user === "string" && typeof assistant === "string" ? { user, assistant } : null;
}
