import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { parseSplit, problemText } from "@shardmill/catalogue";
import { Failure, type SplitEntry } from "@shardmill/core";
import {
  type MixPlaces,
  type MixPlan,
  makeMix,
  planSplit,
  readSplit,
  removeSplitOutput,
  type SplitPlan,
  splitChanges,
  tokenizersOf,
  writeSplitOutput,
} from "@shardmill/mixes";
import { acquireBuildLock, isRootThere, openRecords } from "@shardmill/store";
import type { CommandContext } from "../context/command-context.ts";
import { printProblems } from "../output/mix-lines.ts";
import { exitCodes } from "../process/exit-code.ts";
import { safeText } from "../text/clean-text.ts";
import { countText } from "../text/format.ts";
import { draftOf, filePattern, placesOf } from "./mix.ts";
import { noteInvalid } from "./note-invalid.ts";

export interface SplitOptions {
  readonly mix?: string;
  readonly out: string;
  readonly check?: true;
  readonly rebuild?: true;
  readonly json?: true;
}

export async function makeSplits(
  context: CommandContext,
  name: string | undefined,
  options: SplitOptions,
): Promise<void> {
  if (name === undefined) return listSplits(context, options);
  const { signal } = context;
  if (!isRootThere(options.out))
    throw new Failure("wrong_use", `--out ${options.out} does not exist: a split is taken of outputs in it`);
  const entry = await splitOf(context, name);
  const places = await placesOf(context, options.out);
  await refuseOther(places, entry.name);
  const mixes = await mixesOf(context, entry, places, options);
  if (mixes === null) return;
  const plan = await planSplit(entry, mixes, places, signal);
  if ("unknown" in plan)
    throw new Failure("wrong_use", `no mix that is named has samples of ${plan.unknown.join(", ")}`);
  if (options.check === true || isShort(plan)) return carryOut(context, plan, places, options);
  // Two that choose at once would write over each other.
  const lock = await acquireBuildLock(openRecords(places.store, entry.name), { build: "a split" });
  try {
    const signal = AbortSignal.any([context.signal, lock.lost]);
    await carryOut({ ...context, signal }, plan, places, options);
  } finally {
    await lock.release();
  }
}

async function carryOut(
  context: CommandContext,
  plan: SplitPlan,
  places: MixPlaces,
  options: SplitOptions,
): Promise<void> {
  const { console, signal } = context;
  const { entry } = plan;
  const before = await readSplit(places.store, entry.name);
  const changes = before === null ? [] : splitChanges(before, plan.record);
  const isFrozen = changes.length > 0 && options.rebuild !== true;
  const isWritten = !isShort(plan) && !isFrozen && options.check !== true;
  if (isWritten && changes.length > 0) await removeSplitOutput(places.store, entry.name);
  const written = isWritten ? await writeSplitOutput(places.store, plan, signal) : null;
  if (options.json === true)
    console.json({ name: entry.name, sets: plan.sets, changes, isShort: isShort(plan), written });
  else tellSplit(context, plan, { changes, isFrozen, written, out: options.out });
  if (isShort(plan) || isFrozen) context.setExitCode(exitCodes.withFailures);
}

function isShort({ sets }: SplitPlan): boolean {
  return sets.some(({ asked, got }) => got < asked);
}

interface SplitEnd {
  readonly changes: readonly string[];
  readonly isFrozen: boolean;
  readonly written: { readonly samples: number } | null;
  readonly out: string;
}

function tellSplit(context: CommandContext, plan: SplitPlan, end: SplitEnd): void {
  const { console } = context;
  const { name } = plan.entry;
  printSplit(context, plan);
  for (const change of end.changes) console.out(`changed:  ${safeText(change)}`);
  if (end.isFrozen) console.note(`${name} stays as it was chosen; --rebuild chooses anew`);
  noteTokenizers(context, plan);
  if (isShort(plan)) console.note("nothing is written: a quota cannot be met (asked and got above)");
  if (end.written !== null)
    console.out(`written:  ${end.out}/${name} (${countText(end.written.samples)} samples)`);
}

/** A trainer reads token ids with one tokenizer: those of another would be nonsense to it. */
function noteTokenizers({ console }: CommandContext, { entry, outputs }: SplitPlan): void {
  const several = tokenizersOf(outputs);
  if (several.length < 2) return;
  const each = several.map(({ tokenizer, outputs: of }) => `${tokenizer.name} (${of.join(", ")})`);
  console.note(
    `the tokens are of ${several.length} tokenizers: ${each.map(safeText).join("; ")}. ${entry.name} keeps none of them, so that inspect and the page show numbers: tokenize the sets with one and choose anew, or read the tokens set by set (eval_source)`,
  );
}

async function splitOf(context: CommandContext, name: string): Promise<SplitEntry> {
  if (!filePattern.test(name)) return (await context.presets()).split(name);
  const file = resolve(name);
  if (!existsSync(file)) throw new Failure("wrong_use", `there is no file ${name}`);
  const read = parseSplit(await readFile(file, "utf8"), basename(file));
  if (read.kind === "ok") return read.value;
  throw new Failure("wrong_use", `${name} holds mistakes: ${read.problems.map(problemText).join("; ")}`);
}

/** What a build has made is no split's to replace. */
async function refuseOther({ store }: MixPlaces, name: string): Promise<void> {
  const build = await openRecords(store, name).readBuild();
  if (build !== null && (await readSplit(store, name)) === null)
    throw new Failure("wrong_use", `there is an output ${name} already, which no split has made`);
}

/** Those that are asked for, as they are without this split; null where one is not ready, which is told. */
async function mixesOf(
  context: CommandContext,
  { name }: SplitEntry,
  places: MixPlaces,
  { mix, out }: SplitOptions,
): Promise<MixPlan[] | null> {
  const names = (mix ?? "").split(",").filter((word) => word !== "");
  if (names.length === 0)
    throw new Failure("wrong_use", "name the mixes that are trained on: --mix stage1,stage2");
  const plans: MixPlan[] = [];
  for (const one of names) {
    const { plan, problems } = await makeMix(
      await draftOf(context, one),
      { ...places, withoutSplit: name },
      context.signal,
    );
    if (plan === null || problems.length > 0) {
      context.console.note(`the mix ${safeText(one)} is not ready, and so nothing is split:`);
      printProblems(context.console, problems, out);
      context.setExitCode(
        problems.some(({ kind }) => kind === "mistake") ? exitCodes.wrongUse : exitCodes.withFailures,
      );
      return null;
    }
    plans.push(plan);
  }
  return plans;
}

function printSplit({ console }: CommandContext, { entry, sets }: SplitPlan): void {
  console.out(console.paint("bold", `${entry.title} (${entry.name}), seed ${entry.seed}`));
  const header = [
    "set",
    "asked",
    "got",
    "closed groups",
    "open groups",
    "left out elsewhere",
    "refused",
    "pool",
  ];
  console.table(
    header,
    sets.map((set) => [
      set.dataset,
      ...[set.asked, set.got, set.closed, set.open, set.excluded, set.refused, set.poolShards].map(countText),
    ]),
    header.map((_, index) => (index === 0 ? "left" : "right")),
  );
  if (sets.some(({ refused }) => refused > 0))
    console.out(
      `refused:  samples whose groups have more elsewhere than may be left out of training (maxExcluded ${entry.maxExcluded})`,
    );
}

async function listSplits({ console, presets }: CommandContext, options: SplitOptions): Promise<void> {
  const all = await presets();
  if (options.json === true) return console.json(all.splits());
  const rows = all
    .splits()
    .map(({ name, title, sets }) => [
      name,
      title,
      sets.map((set) => `${set.samples} ${set.dataset}`).join(", "),
    ]);
  console.table(["split", "title", "of"], rows, ["left", "left", "left"]);
  noteInvalid(console, all.invalid);
}
