import type { Dataset } from "@shardmill/core";

/**
 * The fields of a record that its sample is made of: those of the text adapter and those of the catalogue's `fields`. A
 * table with other columns beside them need not give those at all, and they may be of any kind.
 */
export function columnsRead({ text, fields }: Pick<Dataset, "text" | "fields">): string[] {
  const further = Object.values(fields).map(({ from }) => from);
  return [...new Set([...adapterColumns(text), ...further])];
}

/** Of the text adapter alone. */
export function adapterColumns(text: Dataset["text"]): string[] {
  const question = text.question ?? "question";
  const answer = text.answer ?? "answer";
  switch (text.adapter) {
    case "caption":
      return [text.caption ?? "caption"];
    case "question-answer":
      return [question, answer];
    case "multiple-choice":
      return [question, text.options ?? "options", answer];
    case "conversations":
    case "llava-video":
      return [text.conversations ?? "conversations"];
    case "cauldron":
      return [text.conversations ?? "texts"];
    default:
      return text.adapter satisfies never;
  }
}
