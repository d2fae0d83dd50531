import { existsSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { type DraftInput, draftDataset } from "@shardmill/catalogue";
import { Failure, type FileIdentity } from "@shardmill/core";
import { readColumns } from "@shardmill/pipeline";
import { openSource, type SourceSpec } from "@shardmill/sources";
import { outputFailure } from "@shardmill/store";
import type { CommandContext } from "../context/command-context.ts";
import { surroundingsOf } from "../context/surroundings.ts";
import { safeText } from "../text/clean-text.ts";
import { pathWord, shellCommand } from "../text/shell-command.ts";
import { addEntry } from "./add-dataset.ts";

interface ProbeOptions {
  readonly file?: string;
  readonly add?: true;
  readonly replace?: true;
}

export async function probe(context: CommandContext, place: string, options: ProbeOptions): Promise<void> {
  const { console, settings } = context;
  if (options.file !== undefined && existsSync(options.file))
    throw new Failure("wrong_use", `${options.file} exists; it is not written over`);
  const spec = specOf(place, settings);
  const input = await listed(context, spec, place);
  const { name, yaml, remarks } = draftDataset(input);
  if (options.add === true) {
    for (const remark of remarks) console.note(`note: ${safeText(remark)}`);
    const added = await addEntry(context, { file: `${name}.yaml`, text: yaml }, options);
    if (added === null) return;
    const where = spec.kind === "folder" ? ["--source", spec.path] : [];
    return console.out(`build:  ${shellCommand("shardmill", "build", name, ...where, "--out", "DIR")}`);
  }
  if (options.file === undefined) return console.out(yaml.trimEnd());
  await writeFile(options.file, yaml).catch((error: unknown) => {
    throw outputFailure(error, "writing", options.file ?? "");
  });
  for (const remark of remarks) console.note(`note: ${safeText(remark)}`);
  console.out(`${options.file} holds a draft from ${input.files.length} files.`);
  console.out(`correct it, then:  ${shellCommand("shardmill", "datasets", "add", pathWord(options.file))}`);
}

async function listed(
  { console, settings, signal }: CommandContext,
  spec: SourceSpec,
  place: string,
): Promise<DraftInput> {
  const { gate, clock } = surroundingsOf(settings, { out: "." });
  console.note(`listing ${place} ...`);
  const source = await openSource(spec, { gate, clock }, signal);
  const files: FileIdentity[] = [];
  for await (const file of source.list(signal)) files.push(file);
  for (const line of source.passedOver?.() ?? []) console.note(`note: ${safeText(line)}`);
  return {
    title: spec.kind === "folder" ? basename(spec.path) : place,
    source: spec.kind === "folder" ? { kind: "folder" } : { kind: "hub", repo: place },
    files,
    columns: await readColumns(source, files, signal),
  };
}

function specOf(place: string, { hubEndpoint, hubToken }: CommandContext["settings"]): SourceSpec {
  if (existsSync(place) && statSync(place).isDirectory()) return { kind: "folder", path: resolve(place) };
  if (/^[\w.-]+\/[\w.-]+$/.test(place))
    return { kind: "hub", repo: place, revision: "main", endpoint: hubEndpoint, token: hubToken };
  throw new Failure("wrong_use", `expected owner/name or a folder, found ${place}`);
}
