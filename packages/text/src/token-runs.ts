import { messageOf } from "./chat-template.ts";
import { nativeTokenizer } from "./native-tokenizer.ts";
import { invalid, type TokenizerFiles } from "./tokenizer-files.ts";

/** Tokens in a row that the loss is taken on, or is not, with their text. */
export interface TokenRun {
  readonly text: string;
  readonly tokens: number;
  readonly isLoss: boolean;
}

/** What tokens say, set apart by their mask: for a person to look at. A character that two runs share shows as U+FFFD. */
export async function tokenRuns(
  files: TokenizerFiles,
  tokenIds: readonly number[],
  lossMask: readonly number[],
): Promise<TokenRun[]> {
  let tokenizer: InstanceType<ReturnType<typeof nativeTokenizer>>;
  try {
    tokenizer = nativeTokenizer().fromString(files.tokenizer);
  } catch (error) {
    throw invalid(files.name, `tokenizer.json is not understood: ${messageOf(error)}`, error);
  }
  const runs: { ids: number[]; isLoss: boolean }[] = [];
  for (const [at, id] of tokenIds.entries()) {
    const isLoss = lossMask[at] === 1;
    const last = runs.at(-1);
    if (last?.isLoss === isLoss) last.ids.push(id);
    else runs.push({ ids: [id], isLoss });
  }
  return Promise.all(
    runs.map(async ({ ids, isLoss }) => ({
      text: await tokenizer.decode(ids, false),
      tokens: ids.length,
      isLoss,
    })),
  );
}
