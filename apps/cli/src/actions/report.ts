import { statSync } from "node:fs";
import { nearestName, type Presets, problemText } from "@shardmill/catalogue";
import { Failure, namePattern } from "@shardmill/core";
import { type MixPlaces, makeMix, publishedMix } from "@shardmill/mixes";
import {
  lookAtFolder,
  type ReportedMix,
  type ReportInput,
  readSet,
  type SetFacts,
  unfinishedLines,
  writeReport,
} from "@shardmill/report";
import { isRootThere, openStore, recordPaths } from "@shardmill/store";
import type { CommandContext } from "../context/command-context.ts";
import { exitCodes } from "../process/exit-code.ts";
import { safeText } from "../text/clean-text.ts";
import { plural } from "../text/format.ts";
import { placeIn } from "../text/place-text.ts";
import { draftOf, filePattern, placesOf } from "./mix.ts";

export interface ReportOptions {
  readonly from: string;
  readonly out: string;
  readonly tars: number;
  readonly json?: true;
}

/** What is named, told apart. */
interface Named {
  readonly mixes: readonly string[];
  readonly outputs: readonly string[];
  readonly models: ReportInput["models"];
}

export async function report(
  context: CommandContext,
  names: readonly string[],
  options: ReportOptions,
): Promise<void> {
  const { console, signal } = context;
  const problems: string[] = [];
  const named = await tellApart(names, await context.presets(), options.from, problems);
  const folder = await reportFolder(options.out, problems);
  const places = await placesOf(context, options.from);
  const mixes = await mixesOf(context, named.mixes, places, problems);
  const outputs = [
    ...new Set([...mixes.flatMap(({ plan }) => plan.sets.map(({ facts }) => facts.name)), ...named.outputs]),
  ];
  const isRefused = problems.length > 0;
  const sets = await setsOf(outputs, { places, tars: isRefused ? 0 : options.tars, signal }, problems);
  if (problems.length > 0 || folder === null) {
    for (const problem of problems) console.note(`${console.paint("red", "refused:")} ${safeText(problem)}`);
    context.setExitCode(exitCodes.wrongUse);
    return;
  }
  const input: ReportInput = { mixes, sets, models: named.models };
  const written = await writeReport(folder, input, signal);
  const unfinished = unfinishedLines(input);
  if (options.json === true) console.json({ ...written, unfinished, out: options.out });
  else {
    for (const line of unfinished) console.note(`${console.paint("red", "not finished:")} ${safeText(line)}`);
    for (const note of written.notes) console.note(`note: ${safeText(note)}`);
    const draft = unfinished.length === 0 ? "" : ", a draft";
    console.out(
      `written: ${placeIn(options.out, "report.html")} (${plural(written.files.length, "file")}${draft})`,
    );
  }
  if (unfinished.length > 0) context.setExitCode(exitCodes.withFailures);
}

/** An output is what is built under its name; a mix or a model is an entry. Every mistake is told. */
async function tellApart(
  names: readonly string[],
  presets: Presets,
  from: string,
  problems: string[],
): Promise<Named> {
  const models = [...presets.models(), ...presets.architectures()];
  const mixNames = new Set(presets.mixes().map(({ name }) => name));
  const chosen = {
    mixes: [] as string[],
    outputs: [] as string[],
    models: [] as ReportInput["models"][number][],
  };
  if (!isRootThere(from)) problems.push(`--from ${from} does not exist: a report is made of outputs in it`);
  const store = await openStore(from);
  for (const name of new Set(names)) {
    const model = models.find((one) => one.name === name);
    const isOutput = namePattern.test(name) && (await store.stat(recordPaths(name).build)) !== null;
    const kinds = [filePattern.test(name) || mixNames.has(name), isOutput, model !== undefined];
    if (kinds.filter(Boolean).length > 1)
      problems.push(
        `${name} is the name of several things (mix, output in ${from}, model): rename one, or give the mix as a file`,
      );
    else if (kinds[0]) chosen.mixes.push(name);
    else if (isOutput) chosen.outputs.push(name);
    else if (model !== undefined) chosen.models.push(model);
    else problems.push(unknownName(name, [...mixNames, ...models.map((one) => one.name)], from));
  }
  return chosen;
}

function unknownName(name: string, known: readonly string[], from: string): string {
  const nearest = nearestName(name, known);
  const hint = nearest === null ? "" : `; did you mean ${nearest}?`;
  return `${name}: no output of that name in ${from}, and no mix or model${hint}`;
}

/** Null where it will not do: then a problem says why. */
async function reportFolder(out: string, problems: string[]) {
  const there = statSync(out, { throwIfNoEntry: false });
  if (there !== undefined && !there.isDirectory()) {
    problems.push(`--out ${out} is no folder`);
    return null;
  }
  const store = await openStore(out);
  if (there === undefined) return store;
  const { others } = await lookAtFolder(store);
  const [first] = others;
  if (first === undefined) return store;
  const more = others.length === 1 ? "" : ` and ${plural(others.length - 1, "other file")}`;
  problems.push(`--out ${out} has files of no report (${first}${more}): name a folder of its own`);
  return null;
}

async function mixesOf(
  context: CommandContext,
  names: readonly string[],
  places: MixPlaces,
  problems: string[],
): Promise<ReportedMix[]> {
  const mixes: ReportedMix[] = [];
  for (const name of names) {
    try {
      const draft = await draftOf(context, name);
      // As it was published: what is related to a benchmark is not in it.
      const against = (await publishedMix(places.store, draft.name))?.decontaminated ?? [];
      const made = await makeMix(draft, places, context.signal, { against });
      const mistakes = made.problems.filter(({ kind }) => kind === "mistake");
      for (const problem of mistakes) problems.push(`${name}: ${problemText(problem)}`);
      const absent = made.problems.filter(({ command }) => command !== undefined);
      for (const problem of absent) problems.push(`${name}: ${problemText(problem)}`);
      if (made.plan !== null && mistakes.length + absent.length === 0)
        mixes.push({ plan: made.plan, problems: made.problems });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      problems.push(error.message);
    }
  }
  return mixes;
}

async function setsOf(
  outputs: readonly string[],
  {
    places,
    tars,
    signal,
  }: { readonly places: MixPlaces; readonly tars: number; readonly signal: AbortSignal },
  problems: string[],
): Promise<SetFacts[]> {
  const sets: SetFacts[] = [];
  for (const name of outputs) {
    signal.throwIfAborted();
    const read = await readSet(name, { ...places, tars }, signal);
    if ("problem" in read) problems.push(read.problem);
    else sets.push(read);
  }
  return sets;
}
