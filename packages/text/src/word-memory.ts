import type { Tokenizer } from "@anush008/tokenizers";

/** How a tokenizer takes a text apart before it looks anything up. */
export type WordRule = "byte-level" | "digits, byte-level";

/**
 * Characters whose class is the same in every table of Unicode: those of ASCII that a text is written with, Latin letters, and
 * typographic signs. Text with any other goes to the library as it is.
 */
const letters = "A-Za-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u017f";
const blanks = " \\t\\n\\r";
const signs = "!-\\/:-@\\[-`{-~\\u2010-\\u2027";
const unlike = new RegExp(`[^${letters}${blanks}${signs}0-9]`);

/** The library's own expression (its pre-tokenizer ByteLevel) over those characters; where digits are set apart first, they end a text. */
const words: Readonly<Record<WordRule, RegExp>> = {
  "byte-level": new RegExp(
    `'(?:s|t|re|ve|m|ll|d)| ?[${letters}]+| ?[0-9]+| ?[${signs}]+|[${blanks}]+(?![^${blanks}])|[${blanks}]+`,
    "g",
  ),
  "digits, byte-level": new RegExp(
    `[0-9]|'(?:s|t|re|ve|m|ll|d)| ?[${letters}]+| ?[${signs}]+|[${blanks}]+(?![^${blanks}0-9])|[${blanks}]+`,
    "g",
  ),
};

/** Of two generations each, so that what is said often stays. Longer words are met once. */
const maxWords = 2 ** 15;
const maxUnits = 32;

type Ids = number | readonly number[];

/**
 * Ids of words that were met before. Such tokenizers encode each word by itself, so that a text's ids are those of its words; the
 * library is asked for those that are new, all of them in one call.
 */
export class WordMemory {
  readonly #rule: RegExp;
  readonly #library: Tokenizer;
  #young = new Map<string, Ids>();
  #old = new Map<string, Ids>();

  constructor(rule: WordRule, library: Tokenizer) {
    this.#rule = words[rule];
    this.#library = library;
  }

  /** Null where the text is not of words that are known to be cut here as the library cuts them. */
  cut(text: string): readonly string[] | null {
    return unlike.test(text) ? null : (text.match(this.#rule) ?? []);
  }

  /** For each list of words its ids. */
  async ids(lists: readonly (readonly string[])[]): Promise<number[][]> {
    const met = new Map<string, Ids>();
    const found = lists.map((list) => list.map((word) => this.#recall(word) ?? word));
    for (const list of found) for (const one of list) if (typeof one === "string") met.set(one, one.length);
    if (met.size > 0) await this.#ask([...met.keys()], met);
    return found.map((list) => {
      const ids: number[] = [];
      for (const one of list) append(ids, typeof one === "string" ? (met.get(one) ?? []) : one);
      return ids;
    });
  }

  #recall(word: string): Ids | undefined {
    const young = this.#young.get(word);
    if (young !== undefined) return young;
    const old = this.#old.get(word);
    if (old !== undefined) this.#remember(word, old);
    return old;
  }

  async #ask(asked: string[], met: Map<string, Ids>): Promise<void> {
    const encodings = await this.#library.encodeBatch(asked, { addSpecialTokens: false });
    const each = encodings.map((encoding) => encoding.getIds());
    for (const [at, word] of asked.entries()) {
      const [first, ...more] = each[at] ?? [];
      const made = first !== undefined && more.length === 0 ? first : (each[at] ?? []);
      met.set(word, made);
      if (word.length <= maxUnits) this.#remember(ownCopy(word), made);
    }
  }

  #remember(word: string, ids: Ids): void {
    this.#young.set(word, ids);
    if (this.#young.size < maxWords) return;
    this.#old = this.#young;
    this.#young = new Map();
  }
}

function append(ids: number[], more: Ids): void {
  if (typeof more === "number") ids.push(more);
  else for (const id of more) ids.push(id);
}

/** What is cut out of a text holds all of it in memory otherwise. */
function ownCopy(word: string): string {
  return Buffer.from(word, "utf16le").toString("utf16le");
}
