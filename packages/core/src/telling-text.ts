/**
 * What a person recognises a sample by, of its JSON: its caption, or of a conversation the first question, since many
 * questions have the same answer. Null where it has neither.
 */
export function tellingText(json: Readonly<Record<string, unknown>>): string | null {
  const { caption, caption_from: from, user, assistant } = json;
  const texts = from === "answer" ? [user, caption] : [caption, user, assistant];
  return texts.filter((text) => typeof text === "string").find((text) => text !== "") ?? null;
}
