const captionNames = [
  ...["caption", "text", "captions", "description", "prompt", "label", "name", "title", "alt", "class"],
];

/** The text adapter that the columns of a table ask for; with nothing to go by, a caption. */
export function guessText(columns: readonly string[]): Record<string, string> {
  return findText(columns) ?? { adapter: "caption", caption: "caption" };
}

/** null where no column is named as a text is. */
export function findText(columns: readonly string[]): Record<string, string> | null {
  const find = (names: readonly string[]): string | undefined => findColumn(columns, names);
  if (columns.includes("texts")) return { adapter: "cauldron", conversations: "texts" };
  const conversations = find(["conversations", "messages", "conversation"]);
  if (conversations !== undefined) return { adapter: "conversations", conversations };
  const [question, answer] = [find(["question", "query"]), find(["answer", "response"])];
  if (question !== undefined && answer !== undefined) {
    const options = find(["options", "choices", "candidates"]);
    return options === undefined
      ? { adapter: "question-answer", question, answer }
      : { adapter: "multiple-choice", question, options, answer };
  }
  const caption = find(captionNames);
  return caption === undefined ? null : { adapter: "caption", caption };
}

/** The first of the names that is a column, in any case. */
export function findColumn(columns: readonly string[], names: readonly string[]): string | undefined {
  for (const name of names) {
    const found = columns.find((column) => column.toLowerCase() === name);
    if (found !== undefined) return found;
  }
  return undefined;
}
