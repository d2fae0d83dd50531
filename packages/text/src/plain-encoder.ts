import type { Tokenizer } from "@anush008/tokenizers";
import { messageOf } from "./chat-template.ts";
import { nativeTokenizer } from "./native-tokenizer.ts";
import { invalid, type TokenizerParts } from "./tokenizer-files.ts";

/** Texts to token ids, without special tokens: whatever a text says, it is text. */
export class PlainEncoder {
  readonly #first: Tokenizer;
  readonly #behind: Tokenizer;

  private constructor(first: Tokenizer, behind: Tokenizer) {
    this.#first = first;
    this.#behind = behind;
  }

  static open({ name, plain, plainBehind }: TokenizerParts): PlainEncoder {
    try {
      const NativeTokenizer = nativeTokenizer();
      const first = NativeTokenizer.fromString(plain);
      return new PlainEncoder(first, plainBehind === plain ? first : NativeTokenizer.fromString(plainBehind));
    } catch (error) {
      throw invalid(name, `tokenizer.json is not understood: ${messageOf(error)}`, error);
    }
  }

  /** Ids of each text. `isFirst`: the text begins a conversation; else a control token stands before it. */
  async encode(texts: readonly { readonly text: string; readonly isFirst: boolean }[]): Promise<number[][]> {
    const ids: number[][] = texts.map(() => []);
    await Promise.all(
      [true, false].map(async (isFirst) => {
        const mine = texts.flatMap(({ text, isFirst: first }, index) =>
          first === isFirst && text !== "" ? [{ text, index }] : [],
        );
        if (mine.length === 0) return;
        const tokenizer = isFirst ? this.#first : this.#behind;
        const found = await tokenizer.encodeBatch(
          mine.map(({ text }) => text),
          { addSpecialTokens: false },
        );
        for (const [at, { index }] of mine.entries()) ids[index] = found[at]?.getIds() ?? [];
      }),
    );
    return ids;
  }
}
