import type { Tokenizer } from "@anush008/tokenizers";
import { messageOf } from "./chat-template.ts";
import { nativeTokenizer } from "./native-tokenizer.ts";
import { invalid, type TokenizerParts } from "./tokenizer-files.ts";
import { WordMemory } from "./word-memory.ts";

/** A text between control tokens. `isFirst`: it begins a conversation; else a control token stands before it. */
export interface PlainText {
  readonly text: string;
  readonly isFirst: boolean;
}

const options = { addSpecialTokens: false };

/** How many texts' numbers of tokens are remembered: what templates write is always the same. */
const maxKnown = 1_000;

/** The library with the tokenizer's files in it, one for each kind of text. */
interface Libraries {
  /** Null where nothing is encoded with its control tokens in it. */
  readonly whole: Tokenizer | null;
  readonly first: Tokenizer;
  readonly behind: Tokenizer;
  readonly words: WordMemory | null;
}

/** Texts to token ids. No token is added to what they say. */
export class Encoder {
  readonly #libraries: Libraries;
  readonly #known = new Map<string, number>();

  private constructor(libraries: Libraries) {
    this.#libraries = libraries;
  }

  static open({ name, whole, plain, plainBehind, wordRule }: TokenizerParts): Encoder {
    try {
      const NativeTokenizer = nativeTokenizer();
      const first = NativeTokenizer.fromString(plain);
      return new Encoder({
        whole: whole === null ? null : NativeTokenizer.fromString(whole),
        first,
        behind: plainBehind === null ? first : NativeTokenizer.fromString(plainBehind),
        words: wordRule === null ? null : new WordMemory(wordRule, first),
      });
    } catch (error) {
      throw invalid(name, `tokenizer.json is not understood: ${messageOf(error)}`, error);
    }
  }

  /** With control tokens wherever the text of one stands; null where its texts are better encoded apart. */
  async encodeWhole(text: string): Promise<number[] | null> {
    const { whole } = this.#libraries;
    return whole === null ? null : (await whole.encode(text, null, options)).getIds();
  }

  /** Whatever the texts say, it is text. */
  async encodeAll(texts: readonly PlainText[]): Promise<readonly (readonly number[])[]> {
    const { words } = this.#libraries;
    const cuts = texts.map(({ text }) => words?.cut(text) ?? null);
    const ofWords = words === null ? [] : await words.ids(cuts.map((cut) => cut ?? []));
    return Promise.all(
      texts.map((text, at) => (cuts[at] == null ? this.#encode(text) : (ofWords[at] ?? []))),
    );
  }

  /** How many tokens the text has. */
  async count(plain: PlainText): Promise<number> {
    const key = `${plain.isFirst ? "first" : "behind"} ${plain.text}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const length = (await this.encodeAll([plain]))[0]?.length ?? 0;
    if (this.#known.size < maxKnown && key.length < 100) this.#known.set(key, length);
    return length;
  }

  async #encode({ text, isFirst }: PlainText): Promise<number[]> {
    if (text === "") return [];
    const { first, behind } = this.#libraries;
    return (await (isFirst ? first : behind).encode(text, null, options)).getIds();
  }
}
