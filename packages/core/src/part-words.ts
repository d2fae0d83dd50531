import { nameForm } from "./name-form.ts";

/** Names of datasets, outputs, recipes and tokenizers. */
export const namePattern = /^[a-z0-9][a-z0-9-]*$/;
export const nameHint = "expected lower-case letters, digits and hyphens";

/** A word of a list of parts: a subset or all of them, and numbers of it or all. */
export interface PartWord {
  /** As it was written, for messages. */
  readonly text: string;
  readonly subset: string | null;
  /** Inclusive; null means all. */
  readonly from: number | null;
  readonly to: number | null;
}

export type PartWords =
  | { readonly kind: "words"; readonly words: readonly PartWord[] }
  | { readonly kind: "malformed"; readonly message: string };

/** `--parts` names parts or whole subsets; in `--subsets` every word is the name of a subset. */
export type PartList = "parts" | "subsets";

const end = "\\s*(?=,|$)";
const range = "p?(\\d+)(?:-p?(\\d+))?";
const bareRange = new RegExp(`^${range}$`, "i");
const wholeTail = new RegExp(end, "y");
const rangeTail = new RegExp(`\\s*:\\s*${range}${end}`, "iy");
const labelTail = new RegExp(`-p(\\d+)(?:-p(\\d+))?${end}`, "iy");
const labelled = /^(.+?)-p(\d+)(?:-p(\d+))?$/i;

/**
 * Reads `0,72-74`, `p0072-p0074`, `ai2d:0-3,vqav2` or `ai2d-p0010`. A name may hold commas, colons, blanks and brackets:
 * where one of the subsets that exist stands in the text, the longest such name is taken. Any name can be put into single
 * or double quotes, and a backslash takes the meaning from the character behind it. Bare numbers are parts; a subset that
 * is called `2024` is written `"2024"`, `2024:0` or `2024-p0000`.
 */
export function readPartWords(text: string, subsets: readonly string[], list: PartList): PartWords {
  const known = [...new Set(subsets.map(nameForm))].sort((a, b) => b.length - a.length);
  const reader = new WordReader(nameForm(text), known, list);
  const words: PartWord[] = [];
  do {
    const word = reader.next();
    if (typeof word === "string") return { kind: "malformed", message: word };
    words.push(word);
  } while (reader.hasMore());
  return { kind: "words", words };
}

/** What is wrong with a list of nothing but numbers, which no name of a subset can change; null of any other list. */
export function numbersProblem(text: string): string | null {
  if (!/^[\s\dp,-]*$/i.test(text)) return null;
  const read = readPartWords(text, [], "parts");
  return read.kind === "malformed" ? read.message : null;
}

/** The name as it can be written in such a list, quoted where it would be read as something else. */
export function subsetText(subset: string): string {
  const isPlain = /^[\p{L}\p{M}\p{N}_.()[\]+~@=-]+$/u.test(subset);
  if (isPlain && !bareRange.test(subset) && !labelled.test(subset)) return subset;
  return `"${subset.replace(/["\\]/g, "\\$&")}"`;
}

/** The same for a line of a terminal: no control characters, and no longer than a line. */
export function shownSubset(subset: string): string {
  return shown(subsetText(subset));
}

/** What a person wrote or a source is called, as part of one line. */
export function shown(text: string): string {
  const clean = text.replace(/\p{Cc}/gu, "\uFFFD");
  return clean.length <= 80 ? clean : `${clean.slice(0, 79)}…`;
}

class WordReader {
  readonly #text: string;
  readonly #known: readonly string[];
  readonly #list: PartList;
  #at = 0;

  constructor(text: string, known: readonly string[], list: PartList) {
    this.#text = text;
    this.#known = known;
    this.#list = list;
  }

  /** Behind a word stands a comma, and behind a comma another word. */
  hasMore(): boolean {
    if (this.#at >= this.#text.length) return false;
    this.#at += 1;
    return true;
  }

  /** A word, or what is wrong with the text. */
  next(): PartWord | string {
    this.#at += /^\s*/.exec(this.#text.slice(this.#at))?.[0].length ?? 0;
    return this.#knownName() ?? this.#quotedName() ?? this.#bareWord();
  }

  #knownName(): PartWord | string | null {
    for (const name of this.#known) {
      if (!this.#text.startsWith(name, this.#at)) continue;
      const tail = this.#tail(this.#at + name.length, name, !bareRange.test(name));
      if (tail !== null) return tail;
    }
    return null;
  }

  #quotedName(): PartWord | string | null {
    const quote = this.#text[this.#at];
    if (quote !== '"' && quote !== "'") return null;
    let name = "";
    for (let at = this.#at + 1; at < this.#text.length; at += 1) {
      const character = this.#text[at] ?? "";
      if (character === quote)
        return this.#tail(at + 1, name) ?? `expected a comma or :numbers behind ${quote}${name}${quote}`;
      if (character === "\\") at += 1;
      name += character === "\\" ? (this.#text[at] ?? "") : character;
    }
    return `a quotation mark ${quote} is not closed`;
  }

  /** What may stand behind a name: nothing, numbers, or those of a label. Null where it is something else. */
  #tail(at: number, name: string, mayBeWhole = true): PartWord | string | null {
    const whole = mayBeWhole || this.#list === "subsets" ? [wholeTail] : [];
    const tails = this.#list === "parts" ? [...whole, rangeTail, labelTail] : whole;
    for (const tail of tails) {
      tail.lastIndex = at;
      const match = tail.exec(this.#text);
      if (match === null) continue;
      const text = this.#text.slice(this.#at, tail.lastIndex).trimEnd();
      this.#at = tail.lastIndex;
      return wordOf(text, name, match[1], match[2]);
    }
    return null;
  }

  /** Up to the next comma. No subset that exists stands here in full: it may be numbers, a label, or a mistake. */
  #bareWord(): PartWord | string {
    const start = this.#at;
    let name = "";
    let colon: number | null = null;
    let isEscaped = false;
    for (; this.#at < this.#text.length && this.#text[this.#at] !== ","; this.#at += 1) {
      const character = this.#text[this.#at] ?? "";
      if (character === "\\") {
        this.#at += 1;
        isEscaped = true;
      } else if (character === ":") colon = name.length;
      name += character === "\\" ? (this.#text[this.#at] ?? "") : character;
    }
    const text = this.#text.slice(start, this.#at).trim();
    name = name.trim();
    if (text === "") return `"${this.#text}" has an empty word: expected parts such as 0,72-74 or ai2d:0-3`;
    if (this.#list === "subsets") return wordOf(text, name);
    const numbers = isEscaped ? null : bareRange.exec(name);
    if (numbers !== null) return wordOf(text, null, numbers[1], numbers[2]);
    if (colon !== null) {
      const of = bareRange.exec(name.slice(colon + 1).trim());
      if (of === null) return `expected numbers behind the colon of ${text}, such as ai2d:0-3`;
      return wordOf(text, name.slice(0, colon).trim(), of[1], of[2]);
    }
    const label = labelled.exec(name);
    return label === null ? wordOf(text, name) : wordOf(text, label[1] ?? "", label[2], label[3]);
  }
}

function wordOf(text: string, subset: string | null, first?: string, last?: string): PartWord | string {
  if (first === undefined) return { text, subset, from: null, to: null };
  const from = Number(first);
  const to = Number(last ?? first);
  if (to < from) return `${text} runs backwards: write the smaller number first`;
  return { text, subset, from, to };
}
