import { Failure } from "@shardmill/core";

/** What an address of Redis says that no text may say on: its password and its user, as written and as sent. */
function secretsOf(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const { username, password, searchParams } = new URL(url);
  const written = [
    password,
    username,
    searchParams.get("password") ?? "",
    searchParams.get("username") ?? "",
  ];
  const all = new Set(written.flatMap((word) => [word, unescaped(word)]));
  // The name of everybody's user is no secret, and is a word of many a sentence.
  all.delete("");
  all.delete("default");
  return [...all].sort((a, b) => b.length - a.length);
}

/** A short one may be a part of other words, of the address even: it is hidden where it stands by itself. */
const shortLength = 6;

/** The text with what is secret in the address of Redis put out of sight. */
export function hideSecrets(text: string, url: string): string {
  // Redis says back what it was sent, cut at some length, so that a part of a password would be found by no search.
  let hidden = text.replace(/,? with args beginning with:.*/g, "");
  for (const secret of secretsOf(url)) {
    const quoted = secret.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    const pattern = secret.length < shortLength ? `(?<![\\w.:])${quoted}(?![\\w.])` : quoted;
    hidden = hidden.replace(new RegExp(pattern, "gu"), "***");
  }
  return hidden;
}

/**
 * An error of the client as it may be shown and logged: its text and stack without what is secret, and of the command it
 * was the answer to the name alone, since loggers write out its words.
 */
export function withoutSecrets(error: unknown, url: string): unknown {
  return error instanceof Error && !(error instanceof Failure) ? shownError(error, url) : error;
}

export function shownError(error: Error, url: string): Error {
  const shown = new Error(hideSecrets(error.message, url));
  shown.name = error.name;
  if (error.stack !== undefined) shown.stack = hideSecrets(error.stack, url);
  if ("code" in error) Object.assign(shown, { code: error.code });
  const name = commandName(error);
  if (name !== null) Object.assign(shown, { command: { name } });
  const cause = withoutSecrets(error.cause, url);
  if (cause !== undefined) shown.cause = cause;
  return shown;
}

/** The name of the command that an error is the answer to; null for any other error. */
export function commandName(error: unknown): string | null {
  if (!(error instanceof Error) || !("command" in error)) return null;
  const { command } = error;
  if (typeof command !== "object" || command === null || !("name" in command)) return null;
  return typeof command.name === "string" ? command.name : null;
}

function unescaped(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}
