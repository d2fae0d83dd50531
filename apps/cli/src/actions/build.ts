import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type BuildRecord, Failure, partLabel } from "@shardmill/core";
import { readToolchain } from "@shardmill/media";
import { chooseParts } from "@shardmill/owner";
import { composeBuild, keepParts, noQueue, type PartStatus, readBooks } from "@shardmill/pipeline";
import { openRecords, openStore } from "@shardmill/store";
import type { RequestOptions, WorkOptions } from "../commands/shared-options.ts";
import type { CommandContext } from "../context/command-context.ts";
import { requestPresets } from "../context/request-presets.ts";
import { surroundingsOf } from "../context/surroundings.ts";
import { exitCodes } from "../process/exit-code.ts";
import { safeText } from "../text/clean-text.ts";
import { plural } from "../text/format.ts";
import { pathWord, shellCommand } from "../text/shell-command.ts";
import { workerArgs } from "../worker/worker-args.ts";
import { detachBuild } from "./detach-build.ts";
import { cureOf, noteStale } from "./note-stale.ts";
import { noteUnread } from "./note-unread.ts";
import { runBuild } from "./run-build.ts";
import { selectParts } from "./select-parts.ts";
import { printStatus, statusJson, type TimedStatus } from "./status.ts";

export interface BuildOptions extends RequestOptions, WorkOptions {
  readonly out: string;
  readonly rebuild?: true;
  readonly detach?: true;
  readonly json?: true;
}

export async function build(context: CommandContext, name: string, options: BuildOptions): Promise<void> {
  const { settings } = context;
  if (options.detach === true && settings.redisUrl === null)
    throw new Failure("wrong_use", "--detach needs REDIS_URL: a private queue would end with this command");
  const surroundings = surroundingsOf(settings, options);
  const build = await compose(context, name, options);
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
  if (options.detach === true) {
    await detachBuild(context, { records, build, parts, out: options.out });
    if (stale.length > 0) context.setExitCode(exitCodes.withFailures);
    return;
  }
  const { roots, unread, ...end } = await runBuild(context, {
    records,
    build,
    parts,
    surroundings,
    asked: build.selected.map(partLabel),
    workerArgs: workerArgs(options),
    mayHandOver: false,
    thenRoots: true,
    comeBack: context.commandLine,
  });
  endBuild(context, end, [...build.selected.map(partLabel), ...roots], options);
  noteUnread(context, unread);
}

async function compose(
  { console, settings, signal, ...context }: CommandContext,
  name: string,
  options: BuildOptions,
): Promise<BuildRecord> {
  const dataset = (await context.catalogue()).get(name);
  const { source } = options;
  if (source !== undefined && !existsSync(source))
    throw new Failure("wrong_use", `--source ${source} does not exist`);
  const request = {
    dataset,
    sourceFolder: source === undefined ? null : resolve(source),
    parts: selectParts(dataset, options),
    settings: options.set,
    ...(await requestPresets(context, options.recipe)),
    rebuild: options.rebuild === true,
    toolchain: (decoder: "libav" | "process") => readToolchain(decoder),
  };
  console.note(
    `listing ${source ?? (dataset.source.kind === "hub" ? dataset.source.repo : dataset.name)} ...`,
  );
  const surroundings = surroundingsOf(settings, options);
  const composed = await composeBuild(request, surroundings, signal);
  const { build } = composed;
  await keepParts(openRecords(await openStore(surroundings.outRoot), name), composed);
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
