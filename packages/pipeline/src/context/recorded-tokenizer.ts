import { createHash } from "node:crypto";
import { type BuildRecord, Failure, hashOf } from "@shardmill/core";
import { type Records, readRecord } from "@shardmill/store";
import { readTokenizerFiles, type TokenizerFiles, type TokenizerParts } from "@shardmill/text";
import { z } from "zod";

/** A tokenizer that is ready to be used by a build. */
export interface BuildTokenizer {
  readonly files: TokenizerFiles;
  readonly parts: TokenizerParts;
  /** As the build's record names it. */
  readonly recorded: NonNullable<BuildRecord["tokenizer"]>;
}

const keptSchema = z.object({
  name: z.string(),
  tokenizer: z.string(),
  config: z.string().nullable(),
  template: z.string().nullable(),
});

/** What a build's record names, from beside it: the one place that workers read it from. */
export async function recordedTokenizer(
  records: Records,
  { tokenizer }: Pick<BuildRecord, "tokenizer">,
): Promise<BuildTokenizer | null> {
  return tokenizer === null ? null : tokenizerOfFiles(await recordedFiles(records, tokenizer));
}

/** Only its files, for those who look into them elsewhere: a large tokenizer takes long to take apart. */
export async function recordedFiles(
  records: Records,
  tokenizer: NonNullable<BuildRecord["tokenizer"]>,
): Promise<TokenizerFiles> {
  const kept = await keptFiles(records, tokenizer.files);
  if (kept !== null) return kept;
  throw new Failure(
    "tokenizer_invalid",
    `the files of tokenizer ${tokenizer.name} are not beside the records any more`,
    { where: { dataset: records.dataset, path: records.paths.tokenizer(tokenizer.files) } },
  );
}

/** Before the build's record names it. */
export async function keepTokenizer(records: Records, { files, recorded }: BuildTokenizer): Promise<void> {
  await records.store.putNew(records.paths.tokenizer(recorded.files), `${JSON.stringify(files)}\n`);
}

/** By the sha256 of its files together; null where it is not kept. */
export async function keptTokenizer(records: Records, id: string): Promise<BuildTokenizer | null> {
  const files = await keptFiles(records, id);
  return files === null ? null : tokenizerOfFiles(files);
}

async function keptFiles(records: Records, id: string): Promise<TokenizerFiles | null> {
  const path = records.paths.tokenizer(id);
  const files = await readRecord(records.store, path, keptSchema);
  if (files === null || idOf(files) === id) return files;
  throw new Failure("tokenizer_invalid", `the kept files of tokenizer ${files.name} have changed`, {
    where: { dataset: records.dataset, path },
  });
}

export function tokenizerOfFiles(files: TokenizerFiles): BuildTokenizer {
  const parts = readTokenizerFiles(files);
  return { files, parts, recorded: { name: files.name, files: idOf(files), identity: parts.identity } };
}

function idOf({ tokenizer, config, template }: TokenizerFiles): string {
  const hash = (text: string | null): string | null => (text === null ? null : sha256(text));
  return filesId([hash(tokenizer), hash(config), hash(template)]);
}

/** Of tokenizer.json, tokenizer_config.json and chat_template.jinja; null for one that there is not. */
export function filesId(hashes: readonly [string | null, string | null, string | null]): string {
  return hashOf(hashes);
}

export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
