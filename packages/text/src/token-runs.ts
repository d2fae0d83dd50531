import type { Tokenizer } from "@anush008/tokenizers";
import { messageOf } from "./chat-template.ts";
import { nativeTokenizer } from "./native-tokenizer.ts";
import { invalid, readTokenizerFiles, type TokenizerFiles } from "./tokenizer-files.ts";

export interface MaskedTokens {
  readonly tokenIds: readonly number[];
  /** As long as `tokenIds`: 1 where the loss is taken. */
  readonly lossMask: readonly number[];
}

/**
 * Tokens in a row that the loss is taken on, or is not, with their text; each control token a run of its own, for its text tells it from
 * no text that says the same. A character that two runs share shows as U+FFFD.
 */
export interface MarkedRun {
  readonly text: string;
  readonly tokens: number;
  readonly isLoss: boolean;
  readonly isControl: boolean;
}

/** A tokenizer that is kept open to say what tokens are: opening one takes far longer than asking it. */
export class TokenTexts {
  readonly #tokenizer: Tokenizer;
  readonly #controls: ReadonlySet<number>;

  private constructor(tokenizer: Tokenizer, controls: ReadonlySet<number>) {
    this.#tokenizer = tokenizer;
    this.#controls = controls;
  }

  /** A Failure `tokenizer_invalid` says in one line what is wrong with its files. */
  static open(files: TokenizerFiles): TokenTexts {
    const { controls } = readTokenizerFiles(files);
    return new TokenTexts(openTokenizer(files), new Set(controls.map(({ id }) => id)));
  }

  async runs({ tokenIds, lossMask }: MaskedTokens): Promise<MarkedRun[]> {
    const runs = splitRuns(tokenIds, lossMask, this.#controls);
    const texts = await this.#tokenizer.decodeBatch(
      runs.map(({ ids }) => ids),
      false,
    );
    return runs.map(({ ids, isLoss, isControl }, at) => ({
      text: texts[at] ?? "",
      tokens: ids.length,
      isLoss,
      isControl,
    }));
  }
}

function openTokenizer(files: TokenizerFiles): Tokenizer {
  try {
    return nativeTokenizer().fromString(files.tokenizer);
  } catch (error) {
    throw invalid(files.name, `tokenizer.json is not understood: ${messageOf(error)}`, error);
  }
}

interface IdRun {
  readonly ids: number[];
  readonly isLoss: boolean;
  readonly isControl: boolean;
}

function splitRuns(
  tokenIds: readonly number[],
  lossMask: readonly number[],
  controls: ReadonlySet<number>,
): IdRun[] {
  const runs: IdRun[] = [];
  for (const [at, id] of tokenIds.entries()) {
    const isLoss = lossMask[at] === 1;
    const isControl = controls.has(id);
    const last = runs.at(-1);
    if (last?.isLoss === isLoss && !last.isControl && !isControl) last.ids.push(id);
    else runs.push({ ids: [id], isLoss, isControl });
  }
  return runs;
}
