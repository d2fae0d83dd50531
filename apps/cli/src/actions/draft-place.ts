import { existsSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { type DraftInput, draftDataset } from "@shardmill/catalogue";
import { Failure, type FileIdentity } from "@shardmill/core";
import { lookInto, readColumns } from "@shardmill/pipeline";
import { openSource, type SourceSpec } from "@shardmill/sources";
import type { CommandContext } from "../context/command-context.ts";
import { surroundingsOf } from "../context/surroundings.ts";
import { safeText } from "../text/clean-text.ts";

export interface PlaceDraft extends ReturnType<typeof draftDataset> {
  /** Where it is, if it is a folder. */
  readonly folder: string | null;
  readonly files: number;
}

/** Lists a place, looks into what it holds, and drafts an entry for it. */
export async function draftPlace(context: CommandContext, place: string): Promise<PlaceDraft> {
  const spec = specOf(place, context.settings);
  const input = await listed(context, spec, place);
  return {
    ...draftDataset(input),
    folder: spec.kind === "folder" ? spec.path : null,
    files: input.files.length,
  };
}

/** A draft that builds as it is; `wrong_use` with one line that says what is missing. */
export function mustBeWhole(place: string, { lacks }: PlaceDraft): void {
  if (lacks !== undefined) throw new Failure("wrong_use", lackText(place, lacks));
}

export function lackText(place: string, lacks: string): string {
  return `${place} cannot be built yet: ${lacks}`;
}

export function isFolder(place: string): boolean {
  return existsSync(place) && statSync(place).isDirectory();
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
    inside: await lookInto(source, files, signal),
  };
}

function specOf(place: string, { hubEndpoint, hubToken }: CommandContext["settings"]): SourceSpec {
  if (isFolder(place)) return { kind: "folder", path: resolve(place) };
  if (existsSync(place))
    throw new Failure("wrong_use", `${place} is a file: name the folder that it lies in`);
  if (/^[\w.-]+\/[\w.-]+$/.test(place))
    return { kind: "hub", repo: place, revision: "main", endpoint: hubEndpoint, token: hubToken };
  throw new Failure("wrong_use", `expected owner/name or a folder, found ${place}`);
}
