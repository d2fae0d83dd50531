import { type BuildRecord, Failure, type Manifest } from "@shardmill/core";
import type { Records } from "@shardmill/store";
import { type MaskedTokens, openTokenReader, type TokenReader, type TokensRead } from "@shardmill/text";
import { recordedFiles } from "./recorded-tokenizer.ts";
import { shardTokenizer } from "./shard-tokenizer.ts";

/** A shard of a build, as its records name it. */
export interface ShardOfBuild {
  readonly records: Records;
  readonly build: BuildRecord;
  readonly manifest: Manifest;
}

/** What the tokens in shards say, or why that cannot be told. The reader is begun by the first who asks. */
export class TokenTexts {
  #reader: Promise<TokenReader> | null = null;

  async of(
    { records, build, manifest }: ShardOfBuild,
    lists: readonly MaskedTokens[],
    signal: AbortSignal,
  ): Promise<TokensRead> {
    const found = shardTokenizer(build, manifest);
    if (found.kind === "unknown") return found;
    const { tokenizer } = found;
    this.#reader ??= openTokenReader();
    const reader = await this.#reader;
    const named = { id: tokenizer.files, files: () => recordedFiles(records, tokenizer) };
    return reader.read(named, lists, signal).catch((error: unknown) => {
      // Its files are gone, are not those that they were, or are no record any more.
      if (error instanceof Failure && (error.code === "tokenizer_invalid" || error.code === "record_invalid"))
        return { kind: "unknown", why: error.message };
      throw error;
    });
  }

  async close(): Promise<void> {
    await (await this.#reader)?.close();
  }
}
