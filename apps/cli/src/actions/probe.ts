import { existsSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { type DraftInput, draftDataset } from "@shardmill/catalogue";
import { Failure, type FileIdentity, readAll, type Source } from "@shardmill/core";
import { openSource, type SourceSpec } from "@shardmill/sources";
import type { CommandContext } from "../command-context.ts";
import { surroundingsOf } from "../surroundings.ts";

/** Enough of a CSV for its header. */
const headBytes = 65_536;

export async function probe(
  { console, settings, signal }: CommandContext,
  place: string,
  options: { readonly file?: string },
): Promise<void> {
  if (options.file !== undefined && existsSync(options.file))
    throw new Failure("wrong_use", `${options.file} exists; it is not written over`);
  const { gate, clock } = surroundingsOf(settings, { out: "." });
  const spec = specOf(place, settings);
  console.note(`listing ${place} ...`);
  const source = await openSource(spec, { gate, clock }, signal);
  const files: FileIdentity[] = [];
  for await (const file of source.list(signal)) files.push(file);
  const input: DraftInput = {
    title: spec.kind === "folder" ? basename(spec.path) : place,
    source: spec.kind === "folder" ? { kind: "folder" } : { kind: "hub", repo: place },
    files,
    columns: await columnsOf(source, files, signal),
  };
  const { yaml, remarks } = draftDataset(input);
  if (options.file === undefined) return console.out(yaml.trimEnd());
  await writeFile(options.file, yaml);
  for (const remark of remarks) console.note(`note: ${remark}`);
  console.out(`${options.file} holds a draft from ${files.length} files.`);
  console.out(`correct it, then:  shardmill datasets add ${options.file}`);
}

function specOf(place: string, { hubEndpoint, hubToken }: CommandContext["settings"]): SourceSpec {
  if (existsSync(place) && statSync(place).isDirectory()) return { kind: "folder", path: resolve(place) };
  if (/^[\w.-]+\/[\w.-]+$/.test(place))
    return { kind: "hub", repo: place, revision: "main", endpoint: hubEndpoint, token: hubToken };
  throw new Failure("wrong_use", `expected owner/name or a folder, found ${place}`);
}

/** Column names of the largest CSV; the rest a person fills in. */
async function columnsOf(
  source: Source,
  files: readonly FileIdentity[],
  signal: AbortSignal,
): Promise<Record<string, string[]>> {
  const [largest] = files
    .filter(({ path }) => path.toLowerCase().endsWith(".csv"))
    .toSorted((a, b) => b.sizeBytes - a.sizeBytes);
  if (largest === undefined) return {};
  const head = await readAll(
    source.open(largest),
    { start: 0, end: Math.min(headBytes, largest.sizeBytes) },
    signal,
  );
  const [line = ""] = Buffer.from(head)
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .split(/\r?\n/);
  return { [largest.path]: line.split(",").map((name) => name.trim().replace(/^"|"$/g, "")) };
}
