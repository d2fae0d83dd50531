const captionNames = ["caption", "text", "name", "title", "description", "alt"];

/** The text adapter that the columns of a table ask for; with nothing to go by, a caption. */
export function guessText(columns: readonly string[]): Record<string, string> {
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
  return { adapter: "caption", caption: find(captionNames) ?? "caption" };
}

/** The first of the names that is a column, in any case. */
export function findColumn(columns: readonly string[], names: readonly string[]): string | undefined {
  for (const name of names) {
    const found = columns.find((column) => column.toLowerCase() === name);
    if (found !== undefined) return found;
  }
  return undefined;
}
