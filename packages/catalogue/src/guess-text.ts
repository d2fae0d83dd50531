const captionNames = [
  ...["caption", "text", "captions", "description", "prompt", "label", "name", "title", "alt", "class"],
];

/** An adapter's name and the columns that it reads. */
type TextAdapter = Readonly<Record<string, string>> & { readonly adapter: string };

/** The text adapter that the columns of a table ask for; with nothing to go by, a caption. */
export function guessText(columns: readonly string[]): TextAdapter {
  return findText(columns) ?? { adapter: "caption", caption: "caption" };
}

/** null where no column is named as a text is. */
export function findText(columns: readonly string[]): TextAdapter | null {
  if (columns.includes("texts")) return { adapter: "cauldron", conversations: "texts" };
  const caption = findColumn(columns, captionNames);
  return findSpoken(columns) ?? (caption === undefined ? null : { adapter: "caption", caption });
}

/** What is said in turns, or asked and answered: texts that are whole without anything to look at. */
export function findSpoken(columns: readonly string[]): TextAdapter | null {
  const find = (names: readonly string[]): string | undefined => findColumn(columns, names);
  const [chosen, rejected] = [find(["chosen"]), find(["rejected"])];
  if (chosen !== undefined && rejected !== undefined) {
    const prompt = find(["prompt", "question", "instruction"]);
    return { adapter: "preference", ...(prompt === undefined ? {} : { prompt }), chosen, rejected };
  }
  const conversations = find(["conversations", "messages", "conversation"]);
  if (conversations !== undefined) return { adapter: "conversations", conversations };
  const [question, answer] = [find(["question", "query"]), find(["answer", "response"])];
  if (question === undefined || answer === undefined) return null;
  const options = find(["options", "choices", "candidates"]);
  return options === undefined
    ? { adapter: "question-answer", question, answer }
    : { adapter: "multiple-choice", question, options, answer };
}

/** The first of the names that is a column, in any case. */
export function findColumn(columns: readonly string[], names: readonly string[]): string | undefined {
  for (const name of names) {
    const found = columns.find((column) => column.toLowerCase() === name);
    if (found !== undefined) return found;
  }
  return undefined;
}
