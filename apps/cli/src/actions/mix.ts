import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { type MixDraft, nearestName } from "@shardmill/catalogue";
import { Failure } from "@shardmill/core";
import { type MadeMix, type MixPlaces, makeMix, publishedBefore, publishMix } from "@shardmill/mixes";
import { isRootThere, openStore } from "@shardmill/store";
import type { CommandContext } from "../context/command-context.ts";
import { mixJson, printMix, printProblems, refusedFor } from "../output/mix-lines.ts";
import { exitCodes } from "../process/exit-code.ts";
import { PrintsProgressLine } from "../screen/prints-progress.ts";
import { safeText } from "../text/clean-text.ts";
import { placeIn } from "../text/place-text.ts";
import { noteInvalid } from "./note-invalid.ts";

export interface MixOptions {
  readonly out: string;
  readonly check?: true;
  readonly for?: "commercial";
  readonly decontaminate?: readonly string[];
  readonly json?: true;
}

export async function makeMixes(
  context: CommandContext,
  name: string | undefined,
  options: MixOptions,
): Promise<void> {
  if (name === undefined) return listMixes(context, options);
  const { console } = context;
  if (!isRootThere(options.out))
    throw new Failure("wrong_use", `--out ${options.out} does not exist: a mix is made of outputs in it`);
  const places = await placesOf(context, options.out);
  const draft = await draftOf(context, name);
  const made = await madeOf(context, draft, places, options);
  const refused = made.plan === null || options.for === undefined ? [] : refusedFor(made.plan);
  const problems = [...made.problems, ...refused];
  const before = made.plan === null ? null : await publishedBefore(places.store, made.plan);
  const isWritten = problems.length === 0 && options.check !== true;
  const written = isWritten && made.plan !== null ? await publishMix(places.store, made.plan) : [];
  const changes = before?.changes ?? [];
  if (options.json === true) console.json(mixJson(made.plan, { problems, changes, written, ...options }));
  else {
    if (made.plan !== null) printMix(console, made.plan, options);
    for (const change of changes) console.out(`changed:  ${safeText(change)}`);
    printProblems(console, problems, options.out);
    if (written.length > 0)
      console.out(`written:  ${placeIn(options.out, `mixes/${draft.name}`)} (${written.length} files)`);
  }
  if (problems.length > 0)
    context.setExitCode(
      problems.some(({ kind }) => kind === "mistake") ? exitCodes.wrongUse : exitCodes.withFailures,
    );
}

/** Fingerprints that are not there yet take a while, which is told. */
async function madeOf(
  { console, signal }: CommandContext,
  draft: MixDraft,
  places: MixPlaces,
  { decontaminate: against = [], json }: MixOptions,
): Promise<MadeMix> {
  const progress = new PrintsProgressLine(console, { isQuiet: json === true });
  try {
    return await makeMix(draft, places, signal, { against, onProgress: progress.show.bind(progress) });
  } finally {
    progress.close();
  }
}

export async function placesOf(context: CommandContext, out: string): Promise<MixPlaces> {
  const catalogue = await context.catalogue();
  const datasets = new Map(catalogue.list().map((dataset) => [dataset.name, dataset]));
  return {
    store: await openStore(out),
    dataset: (name) => datasets.get(name) ?? null,
    nearest: (name) => nearestName(name, [...datasets.keys()]),
  };
}

export const filePattern = /[/\\]|\.ya?ml$/;

/** A name is of the shipped mixes and the user's own; whatever looks like a file is one. */
export async function draftOf(context: CommandContext, name: string): Promise<MixDraft> {
  const presets = await context.presets();
  if (!filePattern.test(name)) return presets.mix(name);
  const file = resolve(name);
  if (!existsSync(file)) throw new Failure("wrong_use", `there is no file ${name}`);
  const read = presets.parseMix(await readFile(file, "utf8"), basename(file));
  if (read.kind === "ok") return read.value;
  const lines = read.problems.map(({ message, line }) =>
    line === undefined ? message : `line ${line}: ${message}`,
  );
  throw new Failure("wrong_use", `${name} cannot be read: ${lines.join("; ")}`);
}

async function listMixes({ console, presets }: CommandContext, options: MixOptions): Promise<void> {
  const all = await presets();
  if (options.json === true) return console.json(all.mixes());
  const rows = all.mixes().map(({ name, entry, named, problems }) => {
    const state = problems.length === 0 ? (entry?.title ?? "") : `${problems.length} mistakes in its file`;
    return [name, state, named.map(({ dataset }) => dataset).join(", ")];
  });
  console.table(["mix", "title", "of"], rows, ["left", "left", "left"]);
  noteInvalid(console, all.invalid);
}
