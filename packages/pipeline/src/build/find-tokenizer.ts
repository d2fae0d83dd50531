import { readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { Failure, type FileIdentity, readAll, type TokenizerEntry } from "@shardmill/core";
import type { Records } from "@shardmill/store";
import { openSourceOf, type Surroundings } from "../context/build-context.ts";
import {
  type BuildTokenizer,
  filesId,
  keptTokenizer,
  sha256,
  tokenizerOfFiles,
} from "../context/recorded-tokenizer.ts";

const fileNames = ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja"] as const;
type FileTexts = Partial<Record<(typeof fileNames)[number], string>>;

/** Of the Hub or of what an output keeps already. What is fetched is checked against the entry's sha256. */
export async function tokenizerOfEntry(
  entry: TokenizerEntry,
  records: Records,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<BuildTokenizer> {
  const kept = await keptOf(entry, records);
  return kept ?? fromTexts(entry.name, await fetched(entry, surroundings, signal));
}

/** Of a folder of this machine with the files as a repository has them. */
export async function tokenizerOfFolder(folder: string): Promise<BuildTokenizer> {
  const texts: FileTexts = {};
  for (const name of fileNames) {
    const path = join(folder, name);
    if ((await stat(path).catch(() => null))?.isFile() === true) texts[name] = await readFile(path, "utf8");
  }
  // Its last name: where it lies on this machine is nobody else's to know.
  return fromTexts(basename(folder), texts);
}

async function keptOf({ files }: TokenizerEntry, records: Records): Promise<BuildTokenizer | null> {
  for (const tokenizer of files["tokenizer.json"])
    for (const config of files["tokenizer_config.json"] ?? [null])
      for (const template of files["chat_template.jinja"] ?? [null]) {
        const kept = await keptTokenizer(records, filesId([tokenizer, config, template]));
        if (kept !== null) return kept;
      }
  return null;
}

async function fetched(
  entry: TokenizerEntry,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<FileTexts> {
  const { hubEndpoint: endpoint, hubToken: token } = surroundings;
  const spec = {
    kind: "hub" as const,
    type: "model" as const,
    repo: entry.repo,
    revision: entry.revision,
    endpoint,
    token,
  };
  const source = await openSourceOf(spec, surroundings, signal);
  const listed = new Map<string, FileIdentity>();
  for await (const file of source.list(signal)) listed.set(file.path, file);
  const texts: FileTexts = {};
  for (const name of fileNames) {
    const hashes = entry.files[name];
    if (hashes === undefined) continue;
    const file = listed.get(name);
    if (file === undefined)
      throw new Failure("tokenizer_invalid", `tokenizer ${entry.name}: ${source.name} has no ${name}`);
    const bytes = await readAll(source.open(file), { start: 0, end: file.sizeBytes }, signal);
    const found = sha256(bytes);
    if (!hashes.includes(found))
      throw new Failure(
        "tokenizer_invalid",
        `tokenizer ${entry.name}: ${name} of ${source.name} has sha256 ${found}, expected ${hashes.join(" or ")}`,
      );
    texts[name] = Buffer.from(bytes).toString("utf8");
  }
  return texts;
}

function fromTexts(name: string, texts: FileTexts): BuildTokenizer {
  const tokenizer = texts["tokenizer.json"];
  if (tokenizer === undefined)
    throw new Failure("tokenizer_invalid", `tokenizer ${name}: there is no tokenizer.json in it`);
  return tokenizerOfFiles({
    name,
    tokenizer,
    config: texts["tokenizer_config.json"] ?? null,
    template: texts["chat_template.jinja"] ?? null,
  });
}
