import { Failure } from "@shardmill/core";
import { TokenTexts } from "@shardmill/pipeline";
import type { MarkedRun, MaskedTokens, TokensRead } from "@shardmill/text";
import { shardRecords } from "./shard-records.ts";

/** Tokens of a sample: how many, how many the loss is taken on, and what they say, or why that cannot be told. */
export interface ToldTokens {
  /** Of a pair, which side they are of; empty for the tokens of a conversation. */
  readonly side: "" | "chosen" | "rejected";
  readonly tokens: number;
  readonly loss: number;
  readonly said:
    | { readonly kind: "text"; readonly runs: readonly MarkedRun[] }
    | { readonly kind: "unknown"; readonly why: string };
}

const sides = [
  { side: "", prefix: "" },
  { side: "chosen", prefix: "chosen_" },
  { side: "rejected", prefix: "rejected_" },
] as const;

/** None for a sample without tokens. */
export async function readTokens(
  shard: string,
  metadata: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<ToldTokens[]> {
  const found = sides.flatMap(({ side, prefix }) => {
    const [tokenIds, lossMask] = [metadata[`${prefix}token_ids`], metadata[`${prefix}loss_mask`]];
    return isNumbers(tokenIds) && isNumbers(lossMask) ? [{ side, tokenIds, lossMask }] : [];
  });
  const read = found.length === 0 ? unknown("") : await textsOf(shard, found, signal);
  return found.map(({ side, tokenIds, lossMask }, at) => ({
    side,
    tokens: tokenIds.length,
    loss: lossMask.filter((bit) => bit === 1).length,
    said: read.kind === "unknown" ? read : { kind: "text", runs: read.runs[at] ?? [] },
  }));
}

/** Whatever is wrong with the records, the sample can be looked at without them. */
async function textsOf(
  shard: string,
  lists: readonly MaskedTokens[],
  signal: AbortSignal,
): Promise<TokensRead> {
  const texts = new TokenTexts();
  try {
    const found = await shardRecords(shard);
    return found.kind === "unknown" ? found : await texts.of(found, lists, signal);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return unknown(error.message);
  } finally {
    await texts.close();
  }
}

function unknown(why: string): Extract<TokensRead, { kind: "unknown" }> {
  return { kind: "unknown", why };
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => typeof one === "number");
}
