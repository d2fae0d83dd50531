import type { Tokenizer } from "@anush008/tokenizers";
import { messageOf } from "./chat-template.ts";
import { nativeTokenizer } from "./native-tokenizer.ts";
import { invalid, type TokenizerParts } from "./tokenizer-files.ts";

/** A text between control tokens. `isFirst`: it begins a conversation; else a control token stands before it. */
export interface PlainText {
  readonly text: string;
  readonly isFirst: boolean;
}

const options = { addSpecialTokens: false };

/** How many texts' numbers of tokens are remembered: what templates write is always the same. */
const maxKnown = 1_000;

/** Texts to token ids. No token is added to what they say. */
export class Encoder {
  readonly #whole: Tokenizer;
  readonly #first: Tokenizer;
  readonly #behind: Tokenizer;
  readonly #known = new Map<string, number>();

  private constructor(whole: Tokenizer, first: Tokenizer, behind: Tokenizer) {
    this.#whole = whole;
    this.#first = first;
    this.#behind = behind;
  }

  static open({ name, whole, plain, plainBehind }: TokenizerParts): Encoder {
    try {
      const NativeTokenizer = nativeTokenizer();
      const first = NativeTokenizer.fromString(plain);
      const behind = plainBehind === plain ? first : NativeTokenizer.fromString(plainBehind);
      return new Encoder(NativeTokenizer.fromString(whole), first, behind);
    } catch (error) {
      throw invalid(name, `tokenizer.json is not understood: ${messageOf(error)}`, error);
    }
  }

  /** With control tokens wherever the text of one stands. */
  async encodeWhole(text: string): Promise<number[]> {
    return (await this.#whole.encode(text, null, options)).getIds();
  }

  /** Whatever the text says, it is text. */
  async encode({ text, isFirst }: PlainText): Promise<number[]> {
    if (text === "") return [];
    const tokenizer = isFirst ? this.#first : this.#behind;
    return (await tokenizer.encode(text, null, options)).getIds();
  }

  /** How many tokens the text has. */
  async count(plain: PlainText): Promise<number> {
    const key = `${plain.isFirst ? "first" : "behind"} ${plain.text}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const { length } = await this.encode(plain);
    if (this.#known.size < maxKnown && key.length < 100) this.#known.set(key, length);
    return length;
  }
}
