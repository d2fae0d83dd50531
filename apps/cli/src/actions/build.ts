import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type BuildRecord, Failure, type PartId, partLabel } from "@shardmill/core";
import { readToolchain } from "@shardmill/media";
import { type BuildStatus, composeBuild, noQueue, type PartStatus, readStatus } from "@shardmill/pipeline";
import { openRecords, openStore, type Records } from "@shardmill/store";
import { safeText } from "../clean-text.ts";
import type { CommandContext } from "../command-context.ts";
import type { RequestOptions, WorkOptions } from "../commands/shared-options.ts";
import { exitCodes } from "../exit-code.ts";
import { plural } from "../format.ts";
import { detachBuild } from "../owner/detach-build.ts";
import { orderRootParts } from "../owner/order-root-parts.ts";
import { runBuild } from "../owner/run-build.ts";
import { workerArgs } from "../owner/worker-args.ts";
import { ProgressScreen } from "../screen/progress-screen.ts";
import { pathWord, shellCommand } from "../shell-command.ts";
import { surroundingsOf } from "../surroundings.ts";
import { cureOf, noteStale } from "./note-stale.ts";
import { noteUnread } from "./note-unread.ts";
import { selectParts } from "./select-parts.ts";
import { printStatus, statusJson } from "./status.ts";

export interface BuildOptions extends RequestOptions, WorkOptions {
  readonly out: string;
  readonly rebuild?: true;
  readonly detach?: true;
  readonly json?: true;
}

export async function build(context: CommandContext, name: string, options: BuildOptions): Promise<void> {
  const { console, settings, signal } = context;
  if (options.detach === true && settings.redisUrl === null)
    throw new Failure("wrong_use", "--detach needs REDIS_URL: a private queue would end with this command");
  const dataset = (await context.catalogue()).get(name);
  if (options.source !== undefined && !existsSync(options.source)) {
    throw new Failure("wrong_use", `--source ${options.source} does not exist`);
  }
  const surroundings = surroundingsOf(settings, options);
  const request = {
    dataset,
    sourceFolder: options.source === undefined ? null : resolve(options.source),
    parts: selectParts(dataset, options),
    settings: options.set,
    rebuild: options.rebuild === true,
    toolchain: (decoder: "libav" | "process") => readToolchain(decoder),
  };
  console.note(
    `listing ${options.source ?? (dataset.source.kind === "hub" ? dataset.source.repo : dataset.name)} ...`,
  );
  const { build } = await composeBuild(request, surroundings, signal);
  for (const remark of build.remarks) console.note(`note: ${safeText(remark)}`);
  const records = openRecords(await openStore(surroundings.outRoot), name);
  const { parts: buildable, stale } = await partsToBuild(context, records, build, options);
  const order = { kind: options.rebuild === true ? ("rebuild" as const) : ("missing" as const) };
  const parts = buildable.map((part) => ({ part, order }));
  noteStale(context, name, stale, options.out);
  if (options.detach === true) {
    await detachBuild(context, { records, build, parts, out: options.out });
    if (stale.length > 0) context.setExitCode(exitCodes.withFailures);
    return;
  }
  const screen = new ProgressScreen({
    console,
    stream: process.stdout,
    asked: build.selected.map(partLabel),
    comeBack: context.commandLine,
  });
  const run = { records, build, parts, workerArgs: workerArgs(options), screen };
  const status = await runBuild(context, run);
  const more = await orderRootParts(records, build, surroundings, signal);
  if (more.parts.length === 0) {
    endBuild(context, status, build.selected, options);
    return noteUnread(context, more.unread);
  }
  const asked = more.parts.map(({ part }) => part);
  console.note(`${asked.length} parts of media from your roots`);
  const next = new ProgressScreen({
    console,
    stream: process.stdout,
    asked: asked.map(partLabel),
    comeBack: context.commandLine,
  });
  const end = await runBuild(context, { ...run, build: more.build, parts: more.parts, screen: next });
  endBuild(context, end, [...build.selected, ...asked], options);
  noteUnread(context, more.unread);
}

/**
 * What of the parts asked for is to be made. Adopted parts count as done and are made here only when a rebuild is asked
 * for; stale ones are told, and made again by `retry --stale`; of those that are done nothing has to be started.
 */
async function partsToBuild(
  { console }: CommandContext,
  records: Records,
  build: BuildRecord,
  options: BuildOptions,
): Promise<{ readonly parts: PartId[]; readonly stale: readonly PartStatus[] }> {
  const present = presentParts(build.selected, build.parts);
  if (options.rebuild === true) return { parts: present, stale: [] };
  const ends = new Map((await records.listPartEnds()).map((end) => [partLabel(end), end.state]));
  const { parts } = await readStatus(records, build, noQueue);
  const states = new Map(parts.map((part) => [part.label, part]));
  const of = (part: PartId): PartStatus | undefined => states.get(partLabel(part));
  const adopted = present.filter((part) => ends.get(partLabel(part)) === "adopted");
  if (adopted.length > 0)
    console.note(
      `${plural(adopted.length, "part")} adopted elsewhere and left alone; --rebuild makes them here`,
    );
  const rest = present.filter((part) => !adopted.includes(part));
  // A part that has all its shards and no end yet was stopped between the two: its books are to be balanced.
  const isEnded = (part: PartId): boolean =>
    of(part)?.state === "done" && ends.get(partLabel(part)) === "done";
  return {
    parts: rest.filter((part) => of(part)?.state !== "stale" && !isEnded(part)),
    stale: rest.flatMap((part) => of(part) ?? []).filter(({ state }) => state === "stale"),
  };
}

function presentParts(
  selected: readonly PartId[],
  parts: readonly (PartId & { absent: unknown })[],
): PartId[] {
  const absent = new Set(parts.filter((part) => part.absent !== null).map(partLabel));
  return selected
    .filter((part) => !absent.has(partLabel(part)))
    .map(({ subset, part }) => ({ subset, part }));
}

/** Says how it ended, and chooses the exit code: 0 when every part asked for is done without a failed sample. */
export function endBuild(
  context: CommandContext,
  status: BuildStatus,
  asked: readonly PartId[],
  options: { readonly json?: true; readonly out: string },
): void {
  const labels = new Set(asked.map(partLabel));
  const mine = status.parts.filter((part) => labels.has(part.label));
  const cure = mine.some(({ state }) => state === "stale") ? [cureOf(status.dataset, options.out)] : [];
  if (options.json === true) context.console.json(statusJson(status, cure));
  else {
    printStatus(context, { ...status, parts: mine }, true, false);
    context.console.out(nextSteps(status.dataset, mine, options.out));
  }
  const isClean = mine.every((part) => part.state === "done" && part.failed === 0);
  context.setExitCode(isClean ? exitCodes.ok : exitCodes.withFailures);
}

function nextSteps(dataset: string, parts: readonly PartStatus[], out: string): string {
  const lines = [`check it:   ${shellCommand("shardmill", "verify", pathWord(`${out}/${dataset}`))}`];
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
