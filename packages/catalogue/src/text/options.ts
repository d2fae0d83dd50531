import { parseExactJson } from "@shardmill/core";

/** How upstreams write options and the right one: lists, objects by letter, lines; letters, texts, numbers. */

const mostOptions = 26;

/** Options without letters of their own: `A. text`, `(A) text` and `text` are the same. Null where they are no options. */
export function optionTexts(value: unknown): string[] | null {
  const list = listOf(value);
  if (list === null || list.length < 2 || list.length > mostOptions) return null;
  const known = list.flatMap((option) => optionText(option) ?? []);
  if (known.length < list.length) return null;
  const isLettered = known.every((text, index) => ownLetter(text)?.letter === letterOf(index));
  return isLettered ? known.map((text) => ownLetter(text)?.rest ?? text) : known;
}

/** A list; an object by letter; either as JSON; or lines, each with its letter. */
function listOf(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value as readonly unknown[];
  if (typeof value === "string") return listInText(value.trim());
  return typeof value === "object" && value !== null ? listByLetter(value) : null;
}

function listInText(text: string): readonly unknown[] | null {
  if (/^[[{]/.test(text)) {
    try {
      const { value } = parseExactJson(text);
      if (typeof value === "object") return listOf(value);
    } catch {
      return null;
    }
  }
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  return lines.every((line, index) => ownLetter(line.trim())?.letter === letterOf(index)) ? lines : null;
}

/**
 * A question that lists its options itself, each on a line with its letter: `Question: Which?\nOptions:\n(A) red\n(B) blue`. The two
 * words are not part of it. No options where the text ends otherwise.
 */
export function questionAndOptions(text: string): {
  readonly question: string;
  readonly options: string | null;
} {
  const lines = text.trim().split(/\r?\n/);
  const first = lines.findIndex(
    (line, at) => ownLetter(line.trim())?.letter === "A" && isList(lines.slice(at)),
  );
  if (first < 1) return { question: text, options: null };
  const asked = lines.slice(0, first).join("\n").trim();
  return {
    question: asked.replace(/\s*\n\s*options:$/i, "").replace(/^question:\s*/i, ""),
    options: lines.slice(first).join("\n"),
  };
}

function isList(lines: readonly string[]): boolean {
  return (optionTexts(lines.join("\n")) ?? []).length > 1;
}

/** `{"A": "red", "B": "blue"}`, in whatever order; keys that are no run of letters say nothing about which is which. */
function listByLetter(value: object): readonly unknown[] | null {
  const byLetter = new Map(
    Object.entries(value).map(([key, text]) => [key.trim().toUpperCase(), text as unknown]),
  );
  const list = Array.from({ length: byLetter.size }, (_, index) => byLetter.get(letterOf(index)));
  return list.includes(undefined) ? null : list;
}

function optionText(option: unknown): string | null {
  if (typeof option === "number" || typeof option === "bigint") return String(option);
  const text = typeof option === "string" ? option.trim() : "";
  return text === "" ? null : text;
}

function letterOf(index: number): string {
  return String.fromCharCode(65 + index);
}

function ownLetter(text: string): { letter: string; rest: string } | null {
  const match = /^\(?([A-Z])[.):]\s*(.+)$/s.exec(text);
  return match === null ? null : { letter: match[1] ?? "", rest: match[2] ?? "" };
}

/**
 * Which option is right: by its text, else by its letter, else by its number from 0. `none` or `several` where that does not say
 * which: an answer is never guessed.
 */
export function rightOption(answer: unknown, options: readonly string[]): number | "none" | "several" {
  const text = optionText(answer);
  if (text === null) return "none";
  const byText = indexOfText(text, options);
  if (byText !== "none") return byText;
  const index = typeof answer === "string" ? letterIndex(text) : Number(text);
  if (!Number.isInteger(index) || index < 0 || index >= options.length) return "none";
  // `B. red`, where B is blue: the letter says one and the text another.
  const named = indexOfText(ownLetter(text)?.rest ?? "", options);
  return named === "none" || options[index] === options[Number(named)] ? index : "none";
}

/** To the letter where one is so, else as it reads. */
function indexOfText(text: string, options: readonly string[]): number | "none" | "several" {
  const forms = [(option: string) => option, plain];
  for (const form of forms) {
    const found = options.flatMap((option, index) => (form(option) === form(text) ? [index] : []));
    const [first] = found;
    if (first !== undefined) return found.length === 1 ? first : "several";
  }
  return "none";
}

/** `B`, `b`, `(B)`, `B.`, `B) blue`. */
function letterIndex(text: string): number {
  const named = /^\(?([A-Z])(?:[.):].*)?$/s.exec(text)?.[1] ?? /^\(?([a-z])[.):]?$/.exec(text)?.[1];
  return named === undefined ? -1 : named.toUpperCase().charCodeAt(0) - 65;
}

/** Case, blanks, Unicode's spelling and a period at the end tell no two options apart. */
function plain(text: string): string {
  return text
    .normalize("NFC")
    .toLowerCase()
    .replace(/\s+/g, " ")
    .replace(/\s*[.。]$/, "")
    .trim();
}
