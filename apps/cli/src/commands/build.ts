import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { Failure, type PartId, partLabel } from "@shardmill/core";
import { readToolchain } from "@shardmill/media";
import { type BuildStatus, type PartStatus, planBuild, readStatus } from "@shardmill/pipeline";
import { openRecords, openStore } from "@shardmill/store";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { exitCodes } from "../exit-code.ts";
import { safeText } from "../format.ts";
import { runBuild } from "../owner/run-build.ts";
import { parseBytes, parseCount } from "../parse-options.ts";
import { ProgressScreen } from "../screen/progress-screen.ts";
import { surroundingsOf } from "../settings.ts";
import {
  addNetworkOptions,
  addRequestOptions,
  type NetworkOptions,
  outOption,
  type RequestOptions,
  selectorsOf,
} from "./shared-options.ts";
import { printStatus, statusJson } from "./status.ts";

export interface WorkOptions extends NetworkOptions {
  readonly workers: number;
  readonly memory: number;
  readonly childMemory: number;
}

interface Options extends RequestOptions, WorkOptions {
  readonly out: string;
  readonly rebuild?: true;
  readonly json?: true;
}

/** How much the local worker of a build may take. */
export function addWorkOptions(command: Command): Command {
  return addNetworkOptions(
    command
      .option("--workers <n>", "clips decoded at once", parseCount, availableParallelism())
      .option("--memory <bytes>", "member bytes held in memory", parseBytes, 512_000_000)
      .option("--child-memory <bytes>", "memory of one media child", parseBytes, 1_000_000_000),
  );
}

export function workerArgs(options: WorkOptions): string[] {
  const { workers, memory, childMemory, maxBandwidth, cache, cacheLimit } = options;
  return [
    ...["--workers", String(workers), "--memory", String(memory), "--child-memory", String(childMemory)],
    ...(maxBandwidth === undefined ? [] : ["--max-bandwidth", String(maxBandwidth)]),
    ...(cache === undefined ? [] : ["--cache", resolve(cache), "--cache-limit", String(cacheLimit ?? 0)]),
  ];
}

export function buildCommand(context: CommandContext): Command {
  const command = new Command("build")
    .description("make a dataset, or some parts of it; what is committed already is not made again")
    .argument("<dataset>")
    .addOption(outOption())
    .option("--rebuild", "replace shards of another recipe or source")
    .option("--json", "print the end as JSON, like status --json")
    .addHelpText(
      "after",
      "\nExample:\n  shardmill build openvid-1m --parts 72-74 --out /data/shards --workers 16\n\nExit: 0 all parts done, 1 finished with failures, 2 wrong use, 3 could not run, 130/143 stopped by a signal",
    );
  return addWorkOptions(addRequestOptions(command)).action((dataset: string, options: Options) =>
    run(context, dataset, options),
  );
}

async function run(context: CommandContext, name: string, options: Options): Promise<void> {
  const { console, settings, signal } = context;
  const dataset = (await context.catalogue()).get(name);
  if (options.source !== undefined && !existsSync(options.source)) {
    throw new Failure("wrong_use", `--source ${options.source} does not exist`);
  }
  const surroundings = surroundingsOf(settings, options);
  const request = {
    dataset,
    sourceFolder: options.source === undefined ? null : resolve(options.source),
    parts: selectorsOf(dataset, options),
    settings: options.set,
    rebuild: options.rebuild === true,
    toolchain: (decoder: "libav" | "process") => readToolchain(decoder),
  };
  console.note(
    `listing ${options.source ?? (dataset.source.kind === "hub" ? dataset.source.repo : dataset.name)} ...`,
  );
  const { build } = await planBuild(request, surroundings, signal);
  for (const remark of build.remarks) console.note(`note: ${safeText(remark)}`);
  const records = openRecords(await openStore(surroundings.outRoot), name);
  const buildable = presentParts(build.selected, build.parts);
  const screen = new ProgressScreen({
    console,
    stream: process.stdout,
    asked: build.selected.map(partLabel),
    comeBack: `shardmill build ${name} --out ${options.out}`,
  });
  const order = { kind: options.rebuild === true ? ("rebuild" as const) : ("missing" as const) };
  const parts = buildable.map((part) => ({ part, order }));
  const status =
    parts.length === 0
      ? await readStatus(records, build, { running: new Set(), queued: new Set() })
      : await runBuild(context, { records, build, parts, workerArgs: workerArgs(options), screen });
  endBuild(context, status, build.selected, options);
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

/** Says how it ended, and chooses the exit code (decisions.md 25): 0 when every part asked for is done without a failed sample. */
export function endBuild(
  context: CommandContext,
  status: BuildStatus,
  asked: readonly PartId[],
  options: { readonly json?: true; readonly out: string },
): void {
  const labels = new Set(asked.map(partLabel));
  const mine = status.parts.filter((part) => labels.has(part.label));
  if (options.json === true) context.console.json(statusJson(status));
  else {
    printStatus(context, { ...status, parts: mine }, true);
    context.console.out(nextSteps(status.dataset, mine, options.out));
  }
  const isClean = mine.every((part) => part.state === "done" && part.failed === 0);
  context.setExitCode(isClean ? exitCodes.ok : exitCodes.withFailures);
}

function nextSteps(dataset: string, parts: readonly PartStatus[], out: string): string {
  const lines = [`check it:   shardmill verify ${out}/${dataset}`];
  if (parts.some((part) => part.failed + part.skipped > 0))
    lines.push(`look:       shardmill failures ${dataset} --out ${out}`);
  if (parts.some((part) => !["done", "absent"].includes(part.state)))
    lines.push(`rerun:      shardmill retry ${dataset} --missing --out ${out}`);
  return lines.join("\n");
}
