import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { outputOf } from "@shardmill/catalogue";
import { asOutput, type BuildRecord, type Dataset, Failure, partLabel } from "@shardmill/core";
import { readToolchain } from "@shardmill/media";
import { type Asked, chooseParts } from "@shardmill/owner";
import {
  composeBuild,
  keepParts,
  type NewBuild,
  noQueue,
  type PartStatus,
  readBooks,
  surveySource,
} from "@shardmill/pipeline";
import { openRecords, openStore } from "@shardmill/store";
import {
  type NotifyOptions,
  type RequestOptions,
  settingsOf,
  type WorkOptions,
} from "../commands/shared-options.ts";
import type { CommandContext } from "../context/command-context.ts";
import { requestPresets } from "../context/request-presets.ts";
import { surroundingsOf } from "../context/surroundings.ts";
import { notifySettings } from "../notify/notify-settings.ts";
import { type PlaceOptions, readyPlace } from "../output/ready-place.ts";
import { type SettledTerms, settleTerms, type TermsOptions } from "../output/settle-terms.ts";
import { exitCodes } from "../process/exit-code.ts";
import { watchLoad } from "../process/machine-load.ts";
import { safeText } from "../text/clean-text.ts";
import { plural } from "../text/format.ts";
import { placeIn } from "../text/place-text.ts";
import { pathWord, shellCommand } from "../text/shell-command.ts";
import { workerArgs } from "../worker/worker-args.ts";
import { detachBuild } from "./detach-build.ts";
import { cureOf, noteStale } from "./note-stale.ts";
import { noteUnread } from "./note-unread.ts";
import { isOwnPlace, ownPlace } from "./own-place.ts";
import { runBuild } from "./run-build.ts";
import { selectParts } from "./select-parts.ts";
import { printStatus, statusJson, type TimedStatus } from "./status.ts";
import { compareEstimate, tellEstimate } from "./tell-estimate.ts";
import { isTry, replacesTry, smallBuild, type TryOptions } from "./try-build.ts";

export interface MakeOptions extends WorkOptions, NotifyOptions {
  readonly out: string;
  readonly rebuild?: true;
  readonly detach?: true;
  readonly json?: true;
}

export interface BuildOptions extends RequestOptions, MakeOptions, TermsOptions, TryOptions, PlaceOptions {
  readonly as?: string;
}

export async function build(context: CommandContext, name: string, options: BuildOptions): Promise<void> {
  await readyPlace(options);
  await buildEntry(context, await asked(context, name, options), options);
}

/** An entry, where its files are, and the name that it has without `--as`. */
export interface AskedEntry {
  readonly dataset: Dataset;
  readonly entry: string;
  readonly source: string | undefined;
}

export async function buildEntry(
  context: CommandContext,
  entry: AskedEntry,
  options: BuildOptions,
): Promise<void> {
  refuseDetached(context, options);
  if (isTry(options) && options.detach === true)
    throw new Failure(
      "wrong_use",
      "a small build tells what the whole would take at its end; leave --detach out",
    );
  const loadUntilNow = watchLoad();
  const { build: composedBuild, keepTerms, whole, rebuild } = await compose(context, entry, options);
  await keepTerms();
  const end = await makeBuild(context, composedBuild, rebuild ? { ...options, rebuild: true } : options);
  if (end === null || options.json === true) return;
  const { out: outRoot } = options;
  const ended = { ...end, load: loadUntilNow() };
  if (whole !== null) await tellEstimate(context, composedBuild, { whole, outRoot }, ended);
  else await compareEstimate(context, composedBuild, ended, outRoot);
}

export function refuseDetached(
  { settings }: CommandContext,
  { detach, onEnd, webhook }: Pick<MakeOptions, "detach" | "onEnd" | "webhook">,
): void {
  if (detach === true && settings.redisUrl === null)
    throw new Failure("wrong_use", "--detach needs REDIS_URL: a private queue would end with this command");
  if (detach === true && (onEnd !== undefined || webhook !== undefined))
    throw new Failure(
      "wrong_use",
      "--on-end and --webhook do not go with --detach: nobody who could tell is left there; give them to shardmill serve",
    );
}

/** Makes the missing parts of a composed build here and returns how it ended; null where they are left to workers elsewhere. */
export async function makeBuild(
  context: CommandContext,
  build: BuildRecord,
  options: MakeOptions,
): Promise<TimedStatus | null> {
  const { name } = build.dataset;
  const notify = await notifySettings(context.settings, options);
  const surroundings = surroundingsOf(context.settings, options);
  const records = openRecords(await openStore(surroundings.outRoot), name);
  // Without the queue: whoever adds the parts to it leaves out those that are at work.
  const books = await readBooks(records);
  const { items, adopted, stale } = chooseParts(build, books, noQueue, options.rebuild === true);
  const parts = items.map(({ part, order }) => ({ part, order }));
  if (adopted.length > 0)
    context.console.note(
      `${plural(adopted.length, "part")} adopted elsewhere and left alone; --rebuild makes them here`,
    );
  noteStale(context, name, stale, options.out);
  const request = requestOf(build, options);
  if (options.detach === true) {
    await detachBuild(context, { records, build, parts, request, out: options.out });
    if (stale.length > 0) context.setExitCode(exitCodes.withFailures);
    return null;
  }
  const { roots, unread, ...end } = await runBuild(context, {
    records,
    build,
    parts,
    surroundings,
    asked: build.selected.map(partLabel),
    workerArgs: workerArgs(options),
    notify,
    mayHandOver: false,
    thenRoots: build.source.kind !== "output",
    request,
    comeBack: context.commandLine,
  });
  endBuild(context, end, [...build.selected.map(partLabel), ...roots], options);
  noteUnread(context, unread);
  return end;
}

/** What was asked for, for whoever looks at the build later. */
function requestOf(
  { selected, parts }: BuildRecord,
  { rebuild }: MakeOptions,
): Pick<Asked, "verb" | "about"> {
  const about =
    selected.length < parts.length ? `${plural(selected.length, "part")} of ${parts.length}` : null;
  return { verb: rebuild === true ? "rebuild" : "build", about };
}

async function compose(
  context: CommandContext,
  { dataset, entry, source }: AskedEntry,
  options: BuildOptions,
): Promise<{
  readonly build: BuildRecord;
  readonly keepTerms: SettledTerms;
  /** Of a small build, the labels of the parts that the whole would be made of. */
  readonly whole: readonly string[] | null;
  /** What stands there is replaced: it was asked for, or another size was tried before. */
  readonly rebuild: boolean;
}> {
  const { as } = options;
  const whole: NewBuild = {
    dataset,
    ...(as === undefined || as === entry ? {} : { entry }),
    sourceFolder: source === undefined ? null : resolve(source),
    parts: selectParts(dataset, options),
    settings: settingsOf(options),
    ...(await requestPresets(context, options.recipe)),
    rebuild: options.rebuild === true,
    toolchain: (decoder: "libav" | "process") => readToolchain(decoder),
  };
  const keepTerms = await settleTerms(context, { dataset, outRoot: options.out }, options);
  context.console.note(
    `listing ${source ?? (dataset.source.kind === "hub" ? dataset.source.repo : entry)} ...`,
  );
  const { rebuild } = whole;
  if (!isTry(options))
    return { build: await composed(context, whole, options), keepTerms, whole: null, rebuild };
  const survey = await surveySource(whole, surroundingsOf(context.settings, options), context.signal);
  const small = smallBuild(dataset, survey, options);
  const settings = [...settingsOf(options), ...small.settings];
  const isReplaced = rebuild || (as === undefined && (await replacesTry(small, options.out)));
  const request = { ...whole, ...small, entry, settings, rebuild: isReplaced };
  const build = await composed(context, request, options);
  return { build, keepTerms, whole: small.labels, rebuild: isReplaced };
}

/** The entry that is built, under the output's name, and its own name; of a folder of the user's the one that is drafted for it. */
async function asked(
  context: CommandContext,
  name: string,
  { source, as, out }: BuildOptions,
): Promise<AskedEntry> {
  if (await isOwnPlace(context, name)) {
    if (source !== undefined)
      throw new Failure("wrong_use", `${name} is a folder already; leave --source out`);
    const own = await ownPlace(context, name, out);
    const entry = own.dataset.name;
    return { dataset: as === undefined ? own.dataset : asOutput(own.dataset, as), entry, source: own.folder };
  }
  const dataset = outputOf(await context.catalogue(), name, as);
  if (source !== undefined && !existsSync(source))
    throw new Failure("wrong_use", `--source ${source} does not exist`);
  return { dataset, entry: name, source };
}

/** What a request comes to: what its record names is kept beside the records, and what there is to know is told. */
export async function composed(
  { console, settings, signal }: CommandContext,
  request: NewBuild,
  options: MakeOptions,
): Promise<BuildRecord> {
  const surroundings = surroundingsOf(settings, options);
  const made = await composeBuild(request, surroundings, signal);
  const { build } = made;
  await keepParts(openRecords(await openStore(surroundings.outRoot), build.dataset.name), made);
  for (const remark of build.remarks) console.note(`note: ${safeText(remark)}`);
  return build;
}

/** Says how it ended, and chooses the exit code: 0 when every part asked for is done without a failed sample. */
export function endBuild(
  context: CommandContext,
  { status, time }: TimedStatus,
  asked: readonly string[],
  options: { readonly json?: true; readonly out: string },
): void {
  const labels = new Set(asked);
  const mine = status.parts.filter((part) => labels.has(part.label));
  const cure = mine.some(({ state }) => state === "stale") ? [cureOf(status.dataset, options.out)] : [];
  if (options.json === true) context.console.json(statusJson({ status, time }, cure));
  else {
    printStatus(context, { status: { ...status, parts: mine }, time }, true, false);
    context.console.out(nextSteps(status.dataset, mine, options.out));
  }
  const isClean = mine.every((part) => part.state === "done" && part.failed === 0);
  context.setExitCode(isClean ? exitCodes.ok : exitCodes.withFailures);
}

function nextSteps(dataset: string, parts: readonly PartStatus[], out: string): string {
  const lines = [`check it:   ${shellCommand("shardmill", "verify", pathWord(placeIn(out, dataset)))}`];
  if (parts.some((part) => part.state === "stale")) lines.push(`cure:       ${cureOf(dataset, out)}`);
  if (parts.some((part) => part.failed + part.skipped > 0))
    lines.push(`look:       ${shellCommand("shardmill", "failures", dataset, "--out", out)}`);
  const remarks = parts.reduce((sum, part) => sum + part.remarks.length, 0);
  if (remarks > 0)
    lines.push(
      `read:       ${shellCommand("shardmill", "status", dataset, "--all", "--out", out)}  (${plural(remarks, "remark")})`,
    );
  if (parts.some((part) => !["done", "absent", "stale"].includes(part.state)))
    lines.push(`rerun:      ${shellCommand("shardmill", "retry", dataset, "--missing", "--out", out)}`);
  return lines.join("\n");
}
