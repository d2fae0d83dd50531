import { basename, dirname, resolve } from "node:path";
import { Failure } from "@shardmill/core";
import { recordedTokenizer } from "@shardmill/pipeline";
import { openRecords, openStore, type Records } from "@shardmill/store";
import { type TokenizerFiles, type TokenRun, tokenRuns } from "@shardmill/text";

/** A sample's tokens: how many, how many the loss is taken on, and what they say, or why that cannot be told. */
export interface ToldTokens {
  readonly tokens: number;
  readonly loss: number;
  readonly said:
    | { readonly kind: "text"; readonly runs: readonly TokenRun[] }
    | { readonly kind: "unknown"; readonly why: string };
}

/** Null for a sample without tokens. */
export async function readTokens(
  shard: string,
  metadata: Readonly<Record<string, unknown>>,
): Promise<ToldTokens | null> {
  const { token_ids: ids, loss_mask: mask } = metadata;
  if (!isNumbers(ids) || !isNumbers(mask)) return null;
  return {
    tokens: ids.length,
    loss: mask.filter((bit) => bit === 1).length,
    said: await textOf(shard, ids, mask),
  };
}

/** Whatever is wrong with the records, the sample can be looked at without them. */
async function textOf(
  shard: string,
  ids: readonly number[],
  mask: readonly number[],
): Promise<ToldTokens["said"]> {
  try {
    const found = await tokenizerOf(shard);
    return "why" in found
      ? { kind: "unknown", why: found.why }
      : { kind: "text", runs: await tokenRuns(found, ids, mask) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { kind: "unknown", why: error.message };
  }
}

/** The tokenizer that made the shard's tokens: the build's, as long as the shard is of the build's recipe. */
async function tokenizerOf(shard: string): Promise<TokenizerFiles | { readonly why: string }> {
  const records = await recordsBeside(shard);
  const build = await records.readBuild();
  if (build === null) return { why: "no record of a build lies beside the shard" };
  const manifest = await records.readManifest(basename(shard, ".tar"));
  if (manifest.kind !== "ok") return { why: "the shard has no manifest, which names its recipe" };
  if (manifest.value.recipeHash !== build.recipeHash)
    return { why: "the shard was made by another recipe than the build has now" };
  const tokenizer = await recordedTokenizer(records, build);
  return tokenizer === null ? { why: "the build's recipe makes no tokens" } : tokenizer.files;
}

async function recordsBeside(shard: string): Promise<Records> {
  const folder = dirname(resolve(shard));
  return openRecords(await openStore(dirname(folder)), basename(folder));
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => typeof one === "number");
}
