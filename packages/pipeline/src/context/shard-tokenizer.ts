import type { BuildRecord, Manifest } from "@shardmill/core";

export type ShardTokenizer =
  | { readonly kind: "recorded"; readonly tokenizer: NonNullable<BuildRecord["tokenizer"]> }
  /** Why it cannot be told, in one line. */
  | { readonly kind: "unknown"; readonly why: string };

/** The tokenizer that a shard's tokens are of: its manifest names a recipe by hash, and only build.json says what that was. */
export function shardTokenizer(
  { recipeHash, tokenizer }: Pick<BuildRecord, "recipeHash" | "tokenizer">,
  manifest: Pick<Manifest, "recipeHash">,
): ShardTokenizer {
  if (manifest.recipeHash !== recipeHash)
    return unknown(
      "the shard is of another recipe than build.json has now: nothing names the tokenizer of its tokens",
    );
  if (tokenizer === null) return unknown("build.json names no tokenizer");
  return { kind: "recorded", tokenizer };
}

function unknown(why: string): ShardTokenizer {
  return { kind: "unknown", why };
}
